import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleTar } from './bundle-tar.ts';
import type { Bundle } from './config.ts';

/**
 * Deletes folders in the bundle's target where it has a file or a link: a layer's, over an earlier layer's. Returns their names.
 *
 * It is for after `tar` has failed, which replaces files by folders but no folder that has something in it; so only such a layer is read three times instead of once, at each
 * start. `--recursive-unlink` would, and would empty all folders that both have, too.
 */
export async function makeRoom(bundle: Bundle, store: string): Promise<string[]> {
  const { target } = bundle;
  const chunks: Buffer[] = [];
  const args = ['-t', '--quoting-style=escape'];
  await bundleTar({ bundle, store, args, env: { LC_ALL: 'C' }, onOutput: (chunk) => chunks.push(chunk) });
  const cleared: string[] = [];
  for (const line of Buffer.concat(chunks).toString('latin1').split('\n')) {
    // Folders end with a slash, and become one with those that are there.
    if (line === '' || line.endsWith('/')) continue;
    const name = unescaped(line);
    const path = join(target, name);
    const there = await lstat(path).catch(() => undefined);
    if (!there?.isDirectory()) continue;
    await rm(path, { recursive: true, force: true });
    cleared.push(name);
  }
  return cleared;
}

const LETTERS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A name as tar writes it with this style in the locale C: what is not printable ASCII as \n or \303. */
function unescaped(text: string): string {
  const bytes = text.replace(/\\([0-7]{3}|.)/g, (_, what: string) =>
    what.length === 3 ? String.fromCharCode(Number.parseInt(what, 8)) : (LETTERS[what] ?? what),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
