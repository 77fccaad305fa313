import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AccessKey } from './access-key.ts';

/** Names of files that are keys' ids: those of AWS's shape, 3 to 128 characters. */
const KEY_ID = /^[A-Za-z0-9_-]{3,128}$/;
const LOOK_MILLIS = 5000;

export interface AccessKeysOptions {
  /** Folder with a file for each key, named by its id, as a Secret is mounted; it need not be there. */
  dir: string;
  /** The keys were read anew; `wrong` names those that are not valid, and why. */
  reloaded: (count: number, wrong: readonly string[]) => void;
  lookMillis?: number;
}

/** The keys that administrators have issued, by id. A key that is taken out, or cannot be read, is refused within 5 s of the file's change. */
export class AccessKeys {
  readonly #options: AccessKeysOptions;
  readonly #timer: NodeJS.Timeout;
  #keys: ReadonlyMap<string, AccessKey> = new Map();
  #seen = '';

  constructor(options: AccessKeysOptions) {
    this.#options = options;
    this.#look();
    // Polled: the kubelet swaps a symbolic link, and the Secret may come after the pod.
    this.#timer = setInterval(() => this.#look(), options.lookMillis ?? LOOK_MILLIS).unref();
  }

  get(id: string): AccessKey | undefined {
    return this.#keys.get(id);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { dir } = this.#options;
    const names = idsIn(dir);
    const seen = stateOf(dir, names);
    if (seen === this.#seen) return;
    const keys = new Map<string, AccessKey>();
    const wrong: string[] = [];
    for (const name of names) {
      try {
        keys.set(name, new AccessKey(name, readFileSync(join(dir, name), 'utf8')));
      } catch (error) {
        wrong.push(`${name}: ${(error as Error).message}`);
      }
    }
    this.#keys = keys;
    this.#seen = seen;
    this.#options.reloaded(keys.size, wrong);
  }
}

function idsIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => KEY_ID.test(name));
  } catch {
    return [];
  }
}

/** Is another whenever the keys are: where the kubelet's link leads, or when and how large the files are. */
function stateOf(dir: string, names: readonly string[]): string {
  try {
    return readlinkSync(join(dir, '..data'));
  } catch {
    return names
      .map((name) => {
        const { mtimeMs, size } = statSync(join(dir, name), { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
        return `${name} ${mtimeMs} ${size}`;
      })
      .join('\n');
  }
}
