import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { StoredBlob } from '../common/api/store.ts';
import { StoreError } from './errors.ts';

const DIGEST = /^[0-9a-f]{64}$/;
/** What is being written has a name that no digest can have; left over from a crash, it is removed at the start. */
const TEMPORARY = 'incoming-';

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Blobs in one folder, each a file named after the SHA-256 of what is in it. A blob is there whole or not at all. */
export class Blobs {
  readonly #folder: string;
  /** Of one blob. */
  readonly maxBytes: number;
  readonly #known = new Map<string, StoredBlob>();

  private constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.maxBytes = maxBytes;
  }

  /** Starts with what is in the folder. @param maxBytes of one blob */
  static async open(folder: string, maxBytes: number): Promise<Blobs> {
    const blobs = new Blobs(folder, maxBytes);
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (name.startsWith(TEMPORARY)) await rm(path, { force: true });
      else if (isDigest(name)) {
        const { size, mtimeMs } = await stat(path);
        blobs.#known.set(name, { digest: name, bytes: size, createdAt: Math.round(mtimeMs) });
      }
    }
    return blobs;
  }

  list(): StoredBlob[] {
    return [...this.#known.values()];
  }

  /** The file of a blob that is there; it can be read to its end even when it is deleted meanwhile. */
  async read(digest: string): Promise<FileHandle> {
    if (!this.#known.has(digest)) throw new StoreError('BlobNotFound');
    try {
      return await open(join(this.#folder, digest), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // Somebody emptied the volume.
      this.#known.delete(digest);
      throw new StoreError('BlobNotFound');
    }
  }

  /**
   * Takes a blob: written under another name, flushed to the disk, and renamed when its SHA-256 is the digest. Two that write the same one at once write the same bytes.
   * @param received told of each piece's bytes
   */
  async write(digest: string, body: Readable, received: (bytes: number) => void): Promise<void> {
    const temporary = join(this.#folder, `${TEMPORARY}${randomUUID()}`);
    const file = await open(temporary, 'wx').catch((error: unknown) => {
      throw asStoreError(error);
    });
    let bytes = 0;
    try {
      const hash = createHash('sha256');
      // Not destroyed when it is refused in the middle: its sender is to hear why.
      for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        received(piece.length);
        if (bytes > this.maxBytes) throw new StoreError('BlobTooLarge', `${this.maxBytes} bytes at most`);
        hash.update(piece);
        await writeAll(file, piece);
      }
      const actual = hash.digest('hex');
      if (actual !== digest) throw new StoreError('DigestMismatch', `${bytes} bytes of ${actual}`);
      await file.sync();
      await file.close();
      await rename(temporary, join(this.#folder, digest));
      await syncFolder(this.#folder);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw asStoreError(error);
    }
    this.#known.set(digest, { digest, bytes, createdAt: Date.now() });
  }

  /**
   * It was put again: it counts as new, so that the operator does not delete it for its age before somebody refers to it. False when it is not there (any more), and has
   * to be written.
   */
  async renew(digest: string): Promise<boolean> {
    const blob = this.#known.get(digest);
    if (!blob) return false;
    const now = Date.now();
    try {
      await utimes(join(this.#folder, digest), now / 1000, now / 1000);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // Deleted meanwhile, or somebody emptied the volume.
      this.#known.delete(digest);
      return false;
    }
    blob.createdAt = now;
    return true;
  }

  async delete(digest: string): Promise<void> {
    if (!this.#known.delete(digest)) throw new StoreError('BlobNotFound');
    await rm(join(this.#folder, digest), { force: true });
  }
}

/** A volume that is full, in bytes or in files, is the caller's to hear of. */
function asStoreError(error: unknown): unknown {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '') ? new StoreError('StoreFull') : error;
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
}

/** A rename is on the disk when the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
