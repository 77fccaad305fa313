import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';
import type { Tree } from '../unpack/tree.ts';

/** Takes a mounted ConfigMap, every key a file. The kubelet makes KEY → ..data/KEY, and ..data → a folder with a time for a name, to change all keys at once. */
export async function fetchConfigMap(folder: string | undefined, tree: Tree): Promise<void> {
  if (folder === undefined) throw new FetchError('BadSource', 'no ConfigMap is mounted');
  tree.beginArchive();
  // Read once: the keys of one state, also when the ConfigMap changes meanwhile.
  const data = await realpath(join(folder, '..data')).catch(() => folder);
  for (const key of (await readdir(data)).sort()) {
    const path = join(data, key);
    if (key.startsWith('..') || !(await stat(path)).isFile()) continue;
    await tree.file(key, false, createReadStream(path));
  }
}
