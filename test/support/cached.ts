import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from '../../images/hash.ts';
import { cacheDir, repoDir } from '../cluster/paths.ts';

/** A folder of the cache that `make` has filled from these paths of the checkout: once for each state of them, whole or not at all. */
export async function cached(name: string, paths: readonly string[], make: (into: string) => Promise<void>): Promise<string> {
  const dir = join(cacheDir, `${name}-${hashOf(repoDir, paths, []).slice(0, 12)}`);
  if (existsSync(dir)) return dir;
  mkdirSync(cacheDir, { recursive: true });
  const into = mkdtempSync(join(cacheDir, `.${name}-`));
  try {
    await make(into);
    renameSync(into, dir);
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
  return dir;
}
