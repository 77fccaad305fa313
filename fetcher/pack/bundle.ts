import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type Header, type Pack, pack } from 'tar-stream';
import { FetchError } from '../errors.ts';
import { inPieces } from './pieces.ts';
import type { Item } from './walk.ts';

/** Level 3 is zstd's own default. */
const LEVEL = 3;
/** What the compressor is handed at once. */
const PIECE_BYTES = 1 << 20;
type NamedHeader = Partial<Header> & Pick<Header, 'name'>;
const EPOCH = new Date(0);

/** Writes the bundle: a tar in order, without times and owners, compressed. The same files make the same bytes. Returns its SHA-256 in hex, and how many bytes it has. */
export async function writeBundle(root: string, items: readonly Item[], file: string): Promise<{ digest: string; bytes: number }> {
  const tar = pack();
  const hash = createHash('sha256');
  let bytes = 0;
  const hashed = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  const written = pipeline(tar as AsyncIterable<Buffer>, inPieces(PIECE_BYTES), compress, hashed, createWriteStream(file));
  const filled = fill(tar, root, items).catch((error: unknown) => {
    tar.destroy(error as Error);
    throw error;
  });
  await Promise.all([filled, written]);
  return { digest: hash.digest('hex'), bytes };
}

async function fill(tar: Pack, root: string, items: readonly Item[]): Promise<void> {
  for (const item of items) {
    const header: NamedHeader = { name: item.name, mode: item.executable ? 0o755 : 0o644, mtime: EPOCH, uid: 0, gid: 0 };
    if (item.kind === 'folder') await entry(tar, { ...header, type: 'directory' });
    else if (item.kind === 'link') await entry(tar, { ...header, type: 'symlink', linkname: item.target ?? '' });
    else if (item.bytes <= PIECE_BYTES) await entry(tar, { ...header, size: item.bytes }, await readWhole(root, item));
    else
      await pipeline(createReadStream(join(root, item.name), { highWaterMark: PIECE_BYTES }), tar.entry({ ...header, size: item.bytes }));
  }
  tar.finalize();
}

async function readWhole(root: string, { name, bytes }: Item): Promise<Buffer> {
  const content = await readFile(join(root, name));
  if (content.length !== bytes) throw new FetchError('Internal', `${name} changed while it was read`);
  return content;
}

function entry(tar: Pack, header: NamedHeader, content?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (content) tar.entry(header, content, done);
    else tar.entry(header, done);
  });
}
