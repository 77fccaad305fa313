import { createHash } from 'node:crypto';
import { bundleTar } from './bundle-tar.ts';
import type { Bundle } from './config.ts';
import type { Log } from './log.ts';
import { makeRoom } from './make-room.ts';

/** As the announcement's: at once, then 50 ms doubling to 1 s. */
const RETRY_MIN_MILLIS = 50;
const RETRY_MAX_MILLIS = 1000;
/** In 512 bytes: what tar reads at once. Its own choice is 10 KiB, of which 50 MB are 5,000: 110 ms of its CPU then, 75 with 1 MiB. */
const TAR_BLOCKS = 2048;

export interface BundlesOptions {
  bundles: readonly Bundle[];
  /** HOST:PORT of the store. */
  store: string;
  log: Log;
  /** What was unpacked is not what was asked for, and cannot be taken back: only a container that starts anew is clean. */
  onSpoilt: (message: string) => void;
}

/**
 * Downloads the bundles and unpacks them; settles when all are there, however long the store is away.
 *
 * `/var/task` and `/opt` at the same time, those of one target in their order, later ones over earlier ones. Each is unpacked while it comes (bundle-tar.ts).
 */
export async function unpackBundles({ bundles, store, log, onSpoilt }: BundlesOptions): Promise<void> {
  const began = performance.now();
  const targets = new Set(bundles.map(({ target }) => target));
  const inOrder = async (target: string): Promise<void> => {
    for (const bundle of bundles) if (bundle.target === target) await untilUnpacked(bundle, store, log, onSpoilt);
  };
  await Promise.all([...targets].map(inOrder));
  log('lull', `${bundles.length} bundle${bundles.length === 1 ? '' : 's'} unpacked in ${Math.round(performance.now() - began)} ms`);
}

async function untilUnpacked(bundle: Bundle, store: string, log: Log, onSpoilt: BundlesOptions['onSpoilt']): Promise<void> {
  let complained = '';
  for (let delay = 0; ; delay = Math.min(RETRY_MAX_MILLIS, Math.max(RETRY_MIN_MILLIS, delay * 2))) {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      const failure = await unpack(bundle, store, onSpoilt);
      if (failure === undefined) return;
      const cleared = await makeRoom(bundle, store);
      if (cleared.length === 0) throw new Error(failure);
      log(
        'lull',
        `bundle ${bundle.digest.slice(0, 12)} replaces what was a folder in ${bundle.target}: ${cleared.join(', ').slice(0, 500)}`,
      );
      const again = await unpack(bundle, store, onSpoilt);
      if (again === undefined) return;
      throw new Error(again);
    } catch (error) {
      const { message } = error as Error;
      // Once for each kind of trouble, not once a second.
      if (message !== complained)
        log('lull', `bundle ${bundle.digest.slice(0, 12)} for ${bundle.target}: ${message}; tried again`, 'ERROR');
      complained = message;
    }
  }
}

/** Returns what tar could not do, if it went on to the end. */
async function unpack(bundle: Bundle, store: string, onSpoilt: BundlesOptions['onSpoilt']): Promise<string | undefined> {
  const { digest, target } = bundle;
  const hash = createHash('sha256');
  // No times: setting them is a system call a file. Folders that are there stay as they are: /opt is not ours.
  const args = ['-x', '-m', '--no-same-owner', '--no-overwrite-dir', '-b', String(TAR_BLOCKS), '-C', target];
  const { code, said } = await bundleTar({ bundle, store, args, onPiece: (piece) => hash.update(piece) });
  if (code !== 0) return `tar ended with exit code ${code}: ${said}`;
  const actual = hash.digest('hex');
  if (actual !== digest) onSpoilt(`the store gave ${actual.slice(0, 12)} where ${digest.slice(0, 12)} was asked for`);
  return undefined;
}
