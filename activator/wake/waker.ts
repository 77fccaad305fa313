import type { Clock } from '../clock.ts';
import type { FunctionState } from '../function-state.ts';
import { ColdStart } from './cold-start.ts';
import { Starts } from './starts.ts';

/** Writes `deployments/scale` from zero to `replicas`; resolves to false when it was not at zero any more. */
export type ScaleFromZero = (namespace: string, deployment: string, replicas: number) => Promise<boolean>;

export interface WakerOptions {
  scale: ScaleFromZero;
  clock: Clock;
  /** How many functions of this activator may start at once. */
  turns: () => number;
  failed: (fn: FunctionState, error: unknown) => void;
}

const BACKOFF_MIN_MILLIS = 50;
const BACKOFF_MAX_MILLIS = 1000;

/**
 * Wakes a function, when its turn has come (starts.ts): one patch of its active revision's `deployments/scale` (6 ms), waiting for no metric, no reconcile and no leader.
 *
 * Level-triggered: `ensure` may be called at any time and any number of times, and patches only when somebody waits, the Deployment is known to be at
 * zero, and no patch is under way. A failed patch is tried again with back-off for as long as somebody waits, so that an API server that is away for
 * half a minute costs half a minute and no request.
 */
export class Waker {
  readonly starts: Starts;
  readonly #options: WakerOptions;

  constructor(options: WakerOptions) {
    this.#options = options;
    this.starts = new Starts({ clock: options.clock, limit: options.turns, wake: (fn) => this.ensure(fn) });
  }

  ensure(fn: FunctionState): void {
    if (fn.stopped || fn.gone) return;
    if ((fn.queue.length === 0 && !fn.wake.asked) || fn.wake.patching || fn.wake.notBefore > this.#options.clock()) return;
    const revision = fn.activeRevision;
    if (revision === undefined) return;
    const replicas = fn.replicasOf(revision);
    // It is awake: what was asked for is done, and must not wake it again when it has gone to zero.
    if (replicas !== undefined && replicas > 0) fn.wake.asked = false;
    if (replicas !== 0) return;
    fn.coldStart ??= new ColdStart(this.#options.clock());
    if (!this.starts.take(fn)) return;
    fn.coldStart.taken = this.#options.clock();
    fn.wake.patching = true;
    this.#patch(fn, revision).catch((error: unknown) => this.#options.failed(fn, error));
  }

  async #patch(fn: FunctionState, revision: string): Promise<void> {
    const { namespace, initial } = fn;
    try {
      const scaled = await this.#options.scale(namespace, revision, initial);
      fn.wake.failures = 0;
      if (revision === fn.activeRevision) fn.wake.asked = false;
      // Another activator's turn, or nobody's: held by all of them, a function would otherwise spend a turn of each.
      if (!scaled) this.starts.ended(fn);
      else {
        fn.noteReplicas(revision, initial);
        if (fn.coldStart) fn.coldStart.patched ??= this.#options.clock();
      }
      // Not at zero any more: the watch will show it; do not ask again before it had the time to.
      fn.wake.notBefore = this.#options.clock() + BACKOFF_MIN_MILLIS;
    } catch (error) {
      const delay = Math.min(BACKOFF_MAX_MILLIS, BACKOFF_MIN_MILLIS * 2 ** fn.wake.failures);
      fn.wake.failures += 1;
      fn.wake.notBefore = this.#options.clock() + delay;
      this.starts.ended(fn);
      throw error;
    } finally {
      fn.wake.patching = false;
    }
  }
}
