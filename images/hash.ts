import { createHash, type Hash } from 'node:crypto';
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A hash of the files' names, modes and contents; folders are walked. */
export function hashOf(root: string, paths: readonly string[], more: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of more) hash.update(`${text}\0`);
  for (const path of paths) {
    const matches = /[*?[]/.test(path) ? globSync(path, { cwd: root }).sort() : [path];
    for (const match of matches) addPath(hash, root, match);
  }
  return hash.digest('hex');
}

function addPath(hash: Hash, root: string, path: string): void {
  const stat = statSync(join(root, path));
  if (stat.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) addPath(hash, root, join(path, name));
    return;
  }
  hash.update(`${path}\0${stat.mode & 0o777}\0`).update(readFileSync(join(root, path)));
}
