import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';
import { checkedTarget, partsOf } from '../unpack/names.ts';
import { MAX_FILES } from '../unpack/tree.ts';

/** What becomes one entry of the bundle. */
export interface Item {
  /** Relative to the code, with slashes. */
  name: string;
  kind: 'file' | 'folder' | 'link';
  executable: boolean;
  /** Of a file. */
  bytes: number;
  /** Of a link. */
  target?: string;
}

/** The repository's own: of no use at run time, and different with each clone. */
const DROPPED = '.git';

/** All of a folder, sorted by the bytes of the names. After a build it holds whatever other people's scripts have left there. */
export async function walk(root: string, maxBytes: number, maxFiles = MAX_FILES): Promise<Item[]> {
  const items: Item[] = [];
  let bytes = 0;
  const visit = async (folder: string): Promise<void> => {
    for (const base of await readdir(join(root, folder))) {
      if (base === DROPPED) continue;
      const item = await itemAt(root, folder === '' ? base : `${folder}/${base}`);
      items.push(item);
      bytes += item.bytes;
      if (items.length > maxFiles) throw new FetchError('TooManyFiles', `more than ${maxFiles}`);
      if (bytes > maxBytes) throw new FetchError('TooLarge', `more than ${maxBytes} bytes, at ${item.name}`);
      if (item.kind === 'folder') await visit(item.name);
    }
  };
  await visit('');
  // Not by the locale, which is the machine's.
  return items.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

async function itemAt(root: string, name: string): Promise<Item> {
  partsOf(name);
  const path = join(root, name);
  const stat = await lstat(path);
  if (stat.isDirectory()) return { name, kind: 'folder', executable: true, bytes: 0 };
  if (stat.isSymbolicLink()) return { name, kind: 'link', executable: true, bytes: 0, target: checkedTarget(name, await readlink(path)) };
  if (stat.isFile()) return { name, kind: 'file', executable: (stat.mode & 0o111) !== 0, bytes: stat.size };
  throw new FetchError('UnsafeLink', `${name} is a device or a pipe`);
}
