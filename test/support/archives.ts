import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** An archive and its SHA-256. */
export interface Archive {
  bytes: Buffer;
  sha256: string;
}

/** A file's text, and whether it may be executed. */
export type File = string | { text: string; executable: true };

const withDigest = (bytes: Buffer): Archive => ({ bytes, sha256: createHash('sha256').update(bytes).digest('hex') });

/** A zip with entries of exactly these names, wicked ones too; made by Python's zipfile, which has been around. */
export function zipOf(files: Record<string, string>): Archive {
  const program =
    'import json,sys,zipfile\nz = zipfile.ZipFile(sys.stdout.buffer, "w", zipfile.ZIP_DEFLATED)\n' +
    'for name, text in json.load(sys.stdin).items(): z.writestr(name, text)\nz.close()\n';
  return withDigest(execFileSync('python3', ['-c', program], { input: JSON.stringify(files), maxBuffer: 512 << 20 }));
}

export async function tgzOf(files: Record<string, File>): Promise<Archive> {
  const tar = pack();
  for (const [name, file] of Object.entries(files)) {
    const { text, mode } = typeof file === 'string' ? { text: file, mode: 0o644 } : { text: file.text, mode: 0o755 };
    tar.entry({ name, mode }, text);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return withDigest(gzipSync(Buffer.concat(chunks)));
}
