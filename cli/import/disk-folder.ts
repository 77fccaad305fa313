import { type Dirent, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Folder, Listing } from './folder.ts';

/** All of spec.code.inline. */
const MAX_BYTES = 524_288;

/** A folder of the disk. Links are not followed out of it, and nothing but ordinary files is opened (a named pipe would be waited for). */
export class DiskFolder implements Folder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = realpathSync(root);
  }

  list(relative: string): Listing {
    const absolute = this.#inside(relative);
    if (absolute === 'outside' || absolute === 'missing') return { kind: absolute };
    let found: Dirent[];
    try {
      if (!statSync(absolute).isDirectory()) return { kind: 'file' };
      found = readdirSync(absolute, { withFileTypes: true });
    } catch {
      return { kind: 'missing' };
    }
    const names = (is: (entry: Dirent) => boolean): string[] =>
      found
        .filter(is)
        .map(({ name }) => name)
        .sort();
    return { kind: 'folder', files: names((entry) => entry.isFile()), folders: names((entry) => entry.isDirectory()) };
  }

  read(relative: string): string | undefined {
    const absolute = this.#inside(relative);
    try {
      const stat = lstatSync(absolute);
      if (!stat.isFile() || stat.size > MAX_BYTES) return undefined;
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(absolute));
      return text.includes('\0') ? undefined : text;
    } catch {
      return undefined;
    }
  }

  /** The real path, links resolved. */
  #inside(relative: string): string {
    const absolute = path.resolve(this.#root, relative);
    const isBelow = (place: string): boolean => place === this.#root || place.startsWith(this.#root + path.sep);
    if (!isBelow(absolute)) return 'outside';
    try {
      const real = realpathSync(absolute);
      return isBelow(real) ? real : 'outside';
    } catch {
      return 'missing';
    }
  }
}
