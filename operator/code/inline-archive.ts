import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Inline files as a tar.gz, and its SHA-256 in hex. The same files make the same bytes: names in order, no times. */
export async function inlineArchive(files: Readonly<Record<string, string>>): Promise<{ bytes: Buffer; digest: string }> {
  const tar = pack();
  for (const name of Object.keys(files).sort()) tar.entry({ name, mode: 0o644, mtime: new Date(0) }, files[name] ?? '');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const bytes = gzipSync(Buffer.concat(chunks));
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex') };
}
