import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FetchError } from '../errors.ts';

/** The Secret that the source names, mounted by the kubelet: a file a key. */
export class Credentials {
  readonly #folder: string | undefined;

  /** @param folder undefined when the source names no Secret */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Whether the source names a Secret. */
  get named(): boolean {
    return this.#folder !== undefined;
  }

  path(key: string): string {
    return join(this.#folder ?? '', key);
  }

  /** The value of a key as it is, or undefined when the Secret has none. */
  async read(key: string): Promise<string | undefined> {
    if (this.#folder === undefined) return undefined;
    try {
      return await readFile(this.path(key), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** What the first of the readers that has all its keys makes of them. @param expected how a sentence names the keys */
  async require<T>(expected: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    if (!this.named) return undefined;
    const value = await read();
    if (value === undefined) throw new FetchError('CredentialsMissing', `expected ${expected}`);
    return value;
  }

  /** Of a Secret of type kubernetes.io/basic-auth. */
  async basic(): Promise<{ username: string; password: string } | undefined> {
    const [username, password] = await Promise.all([this.read('username'), this.read('password')]);
    if (username === undefined && password === undefined) return undefined;
    return { username: username ?? '', password: password ?? '' };
  }
}
