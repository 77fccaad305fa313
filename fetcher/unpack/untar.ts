import type { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { FetchError } from '../errors.ts';
import type { Tree } from './tree.ts';

export interface UntarOptions {
  /** Bytes of the tar, after decompression: more than the files may have, for the headers. */
  maxTarBytes: number;
  /** As image layers have it: .wh.NAME takes NAME of the layers beneath away. */
  whiteouts?: boolean;
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Unpacks a tar into the tree. */
export async function untar(
  source: Readable,
  decompress: Transform,
  tree: Tree,
  { maxTarBytes, whiteouts = false }: UntarOptions,
): Promise<void> {
  tree.beginArchive();
  const parser = extract();
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      // Files are counted as they are written; this is for what is skipped.
      if (bytes > maxTarBytes) throw new FetchError('TooLarge', `more than ${maxTarBytes} bytes of tar`);
      yield chunk;
    }
  };
  const reading = async (): Promise<void> => {
    for await (const entry of parser)
      await unpackEntry(entry.header, entry as AsyncIterable<Buffer>, () => entry.resume(), tree, whiteouts);
  };
  const [fed, read] = await Promise.allSettled([pipeline(source, decompress, counted, parser as unknown as Writable), reading()]);
  // What the reader refuses ends the pipeline too, with an error that says less.
  for (const one of [read, fed]) if (one.status === 'rejected' && one.reason instanceof FetchError) throw one.reason;
  for (const one of [fed, read]) if (one.status === 'rejected') throw asOurs(one.reason);
}

async function unpackEntry(
  { name, mode, type, linkname }: Header,
  content: AsyncIterable<Buffer>,
  skip: () => void,
  tree: Tree,
  whiteouts: boolean,
): Promise<void> {
  const base = name.slice(name.lastIndexOf('/') + 1);
  if (whiteouts && base.startsWith(WHITEOUT)) {
    const folder = name.slice(0, name.length - base.length);
    if (base === OPAQUE) await tree.removeInside(folder);
    else await tree.remove(folder + base.slice(WHITEOUT.length));
    skip();
    return;
  }
  switch (type) {
    case 'file':
    case 'contiguous-file':
      return tree.file(name, (mode & 0o111) !== 0, content);
    case 'directory':
      await tree.folder(name);
      break;
    case 'symlink':
      await tree.link(name, linkname ?? '');
      break;
    case 'link':
      throw new FetchError('UnsafeLink', `${name} is a hard link to ${linkname}`);
    default:
      throw new FetchError('UnsafeLink', `${name} is a device, a pipe or of a kind that is not known`);
  }
  skip();
}

/** tar-stream's and zlib's errors are all about the archive; the file system's have a code of theirs. */
function asOurs(error: unknown): unknown {
  if (error instanceof TypeError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || code.startsWith('Z') || code.startsWith('ERR_') ? new FetchError('NotAnArchive', message, error) : error;
}
