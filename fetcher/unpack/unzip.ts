import { type Entry, getFileNameLowLevel, openPromise } from 'yauzl';
import { FetchError } from '../errors.ts';
import type { Tree } from './tree.ts';

/** "version made by" of systems that keep Unix modes: Unix, macOS. */
const WITH_MODES = [3, 19];
const TYPE = 0o170000;
const FILE = 0o100000;
const FOLDER = 0o040000;
const LINK = 0o120000;
/** Bytes of a link's target that file systems take. */
const MAX_TARGET_BYTES = 4096;

/** Unpacks a zip, zip64 too, into the tree. */
export async function unzip(file: string, tree: Tree): Promise<void> {
  tree.beginArchive();
  try {
    // Names are decoded here: yauzl itself turns backslashes into slashes, or refuses them with errors that have no code.
    const zip = await openPromise(file, { decodeStrings: false, autoClose: true });
    try {
      for await (const entry of zip.eachEntry()) {
        if (entry.isEncrypted()) throw new FetchError('NotAnArchive', 'it is encrypted');
        const open = () => zip.openReadStreamPromise(entry);
        await unpackEntry(entry, open, tree);
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    throw asOurs(error);
  }
}

async function unpackEntry(entry: Entry, open: () => Promise<AsyncIterable<Buffer>>, tree: Tree): Promise<void> {
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
  const mode = WITH_MODES.includes(entry.versionMadeBy >>> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const type = mode & TYPE;
  if (name.endsWith('/')) return tree.folder(name);
  switch (type) {
    case 0:
    case FILE: {
      // Without modes, as Windows makes it, nothing says what can be executed: so all can, or a bootstrap could not.
      await tree.file(name, mode === 0 || (mode & 0o111) !== 0, await open());
      return;
    }
    case FOLDER:
      return tree.folder(name);
    case LINK:
      return tree.link(name, await readTarget(name, await open()));
    default:
      throw new FetchError('UnsafeLink', `${name} is a device or a pipe`);
  }
}

async function readTarget(name: string, content: AsyncIterable<Buffer>): Promise<string> {
  let target = Buffer.alloc(0);
  for await (const chunk of content) {
    target = Buffer.concat([target, chunk]);
    if (target.length > MAX_TARGET_BYTES) throw new FetchError('UnsafeLink', `${name} has a target of more than ${MAX_TARGET_BYTES} bytes`);
  }
  return target.toString('utf8');
}

/** yauzl's and zlib's errors are all about the archive; the file system's have a code of theirs. */
function asOurs(error: unknown): unknown {
  if (error instanceof FetchError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || /^(Z|ERR_)/.test(code) ? new FetchError('NotAnArchive', message, error) : error;
}
