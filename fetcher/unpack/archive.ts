import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ArchiveFormat } from '../../common/api/code.ts';
import { zstdDecompress } from '../../common/zstd-decompress.ts';
import { FetchError } from '../errors.ts';
import type { Tree } from './tree.ts';
import { untar } from './untar.ts';
import { unzip } from './unzip.ts';

/** Bytes of a tar's headers beside its files: 100,000 files with a long name each. */
export const HEADER_BYTES = 256 << 20;

/** What the first bytes of a file say. */
type Kind = 'zip' | 'gzip' | 'zstd' | 'other';

/** Unpacks a zip or tar.gz. A tar without compression, or compressed with zstd, is taken as `tgz` too. */
export async function unpackArchive(file: string, format: ArchiveFormat, tree: Tree, maxBytes: number): Promise<void> {
  const kind = await kindOf(file);
  if ((kind === 'zip') !== (format === 'zip'))
    throw new FetchError('NotAnArchive', `it is ${kind === 'zip' ? 'a zip' : 'no zip'}, and the format is ${format}`);
  if (kind === 'zip') await unzip(file, tree);
  else await unpackTar(file, kind, tree, { maxBytes });
}

/** Unpacks a layer of an OCI artifact or image, whatever kind of archive it is. */
export async function unpackLayer(file: string, tree: Tree, maxBytes: number): Promise<void> {
  const kind = await kindOf(file);
  if (kind === 'zip') await unzip(file, tree);
  else await unpackTar(file, kind, tree, { maxBytes, whiteouts: true });
}

/** Whether a file is an archive of one of the kinds that are known. */
export async function isArchive(file: string): Promise<boolean> {
  return (await kindOf(file)) !== 'other' || (await isTar(file));
}

async function unpackTar(
  file: string,
  kind: Kind,
  tree: Tree,
  { maxBytes, whiteouts = false }: { maxBytes: number; whiteouts?: boolean },
): Promise<void> {
  const decompress = kind === 'gzip' ? createGunzip() : kind === 'zstd' ? zstdDecompress() : new PassThrough();
  await untar(createReadStream(file), decompress, tree, { maxTarBytes: maxBytes + HEADER_BYTES, whiteouts });
}

async function kindOf(file: string): Promise<Kind> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 0) throw new FetchError('NotAnArchive', 'it is empty');
    const magic = buffer.subarray(0, bytesRead).toString('hex');
    // The second is an empty zip's.
    if (magic === '504b0304' || magic === '504b0506') return 'zip';
    if (magic.startsWith('1f8b')) return 'gzip';
    return magic === '28b52ffd' ? 'zstd' : 'other';
  } finally {
    await handle.close();
  }
}

/** A tar says so in its first header. */
async function isTar(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(5), 0, 5, 257);
    return buffer.toString('latin1') === 'ustar';
  } finally {
    await handle.close();
  }
}
