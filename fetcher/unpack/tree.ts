import { createWriteStream } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FetchError } from '../errors.ts';
import { checkedTarget, partsOf } from './names.ts';

export const MAX_FILES = 100_000;

export interface Limits {
  /** Of all files together; counted as they are written, whatever a header says. */
  maxBytes: number;
  maxFiles?: number;
}

type Kind = 'file' | 'folder' | 'link';

/**
 * A folder into which others' archives are unpacked, one over the other, and out of which nothing they hold can write.
 *
 * Nothing is ever looked up on the disk: the tree knows what it has made itself. Symbolic links are made last (finish), so that no file can be written through one.
 */
export class Tree {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  readonly #made = new Map<string, Kind>();
  readonly #links = new Map<string, string>();
  /** What the archive at hand has brought or, of folders, named. */
  #fresh = new Set<string>();
  #bytes = 0;

  constructor(root: string, { maxBytes, maxFiles = MAX_FILES }: Limits) {
    this.#root = root;
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
  }

  get files(): number {
    let files = 0;
    for (const kind of this.#made.values()) if (kind !== 'folder') files += 1;
    return files;
  }

  /** From here on a name that is there already is replaced; within one archive it is refused. */
  beginArchive(): void {
    this.#fresh = new Set();
  }

  async folder(name: string): Promise<void> {
    const parts = partsOf(name);
    if (parts.length > 0) await this.#folders(parts, name);
  }

  /** @param executable by everybody, or by nobody: 0755 or 0644 */
  async file(name: string, executable: boolean, content: AsyncIterable<Buffer>): Promise<void> {
    const path = await this.#place(name, 'file');
    const counted = async function* (this: Tree, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        this.#bytes += chunk.length;
        if (this.#bytes > this.#maxBytes) throw new FetchError('TooLarge', `more than ${this.#maxBytes} bytes, at ${name}`);
        yield chunk;
      }
    };
    await pipeline(
      content,
      counted.bind(this),
      createWriteStream(join(this.#root, path), { flags: 'wx', mode: executable ? 0o755 : 0o644 }),
    );
  }

  async link(name: string, target: string): Promise<void> {
    const path = await this.#place(name, 'link');
    this.#links.set(path, checkedTarget(path, target));
  }

  /** Takes away what an earlier archive has brought, with all beneath it. */
  async remove(name: string): Promise<void> {
    const path = partsOf(name).join('/');
    const kind = this.#made.get(path);
    if (kind === undefined) return;
    this.#forget(path);
    // Only a folder has something beneath it: two layers of 50,000 files each would take minutes otherwise.
    if (kind === 'folder') for (const other of [...this.#made.keys()]) if (other.startsWith(`${path}/`)) this.#forget(other);
    await rm(join(this.#root, path), { recursive: true, force: true });
  }

  /** Takes away what earlier archives have brought into a folder; it stays. */
  async removeInside(name: string): Promise<void> {
    const folder = partsOf(name).join('/');
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const other of [...this.#made.keys()]) if (other.startsWith(prefix) && !this.#fresh.has(other)) await this.remove(other);
  }

  /** Makes the links. Nothing is written after it. */
  async finish(): Promise<void> {
    for (const [path, target] of this.#links) await symlink(target, join(this.#root, path));
  }

  #forget(path: string): void {
    this.#made.delete(path);
    this.#links.delete(path);
  }

  /** Makes room for a file or a link; returns its path in the tree. */
  async #place(name: string, kind: Kind): Promise<string> {
    const parts = partsOf(name);
    const path = parts.join('/');
    if (path === '') throw new FetchError('UnsafePath', `"${name}" is no name of a file`);
    if (this.#fresh.has(path)) throw new FetchError('UnsafePath', `"${name}" is there twice`);
    await this.#folders(parts.slice(0, -1), name);
    await this.remove(path);
    this.#add(path, kind);
    return path;
  }

  async #folders(parts: readonly string[], name: string): Promise<void> {
    for (let count = 1; count <= parts.length; count++) {
      const path = parts.slice(0, count).join('/');
      const kind = this.#made.get(path);
      if (kind === 'folder') {
        this.#fresh.add(path);
        continue;
      }
      if (kind === 'link') throw new FetchError('UnsafeLink', `"${name}" would be written through the link "${path}"`);
      if (kind === 'file' && this.#fresh.has(path)) throw new FetchError('UnsafePath', `"${path}" is there twice, once as a folder`);
      await this.remove(path);
      this.#add(path, 'folder');
      await mkdir(join(this.#root, path), { mode: 0o755 });
    }
  }

  #add(path: string, kind: Kind): void {
    this.#made.set(path, kind);
    this.#fresh.add(path);
    if (this.#made.size > this.#maxFiles) throw new FetchError('TooManyFiles', `more than ${this.#maxFiles}`);
  }
}
