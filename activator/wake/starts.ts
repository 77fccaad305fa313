import type { Clock } from '../clock.ts';
import type { FunctionState } from '../function-state.ts';

/** A start that has taken so long waits for something else than processors, such as an image: others wait for it no longer. */
export const START_MILLIS = 3000;

export interface StartsOptions {
  clock: Clock;
  /** How many may start at once. */
  limit: () => number;
  /** The function's turn has come: wake it, by `take`, now, if that is still wanted. */
  wake: (fn: FunctionState) => void;
}

/** Added to the rank of a function that is served meanwhile: more than there are functions that start. */
const SERVED = 1e9;

/**
 * Wakes in their order, so many at once (docs/adr/0019): functions that nothing serves go before those that a pod of a warm pool serves meanwhile, unless their requests wait, too;
 * then those of the namespace of which the fewest start now, so that no namespace's burst keeps the others asleep, and then whoever came first.
 *
 * Pods that start together share the processors, and so are all ready together, at the end: of 30 functions that were called within a second on 2 cores the median had its answer after 9.8 s, the last
 * after 10.6. With four at a time it is 7.0, and the last 11.6.
 */
export class Starts {
  readonly #options: StartsOptions;
  /** Since when (ms). */
  readonly #starting = new Map<FunctionState, number>();
  readonly #waiting = new Set<FunctionState>();
  /** How many start, by namespace. */
  readonly #inNamespace = new Map<string, number>();

  constructor(options: StartsOptions) {
    this.#options = options;
  }

  /** Functions whose turn is to come. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a turn; false when there is none for it now: then `wake` is called when there is. */
  take(fn: FunctionState): boolean {
    if (this.#starting.has(fn)) return true;
    this.#waiting.add(fn);
    if (this.#starting.size >= this.#options.limit() || this.#next() !== fn) return false;
    this.#waiting.delete(fn);
    this.#starting.set(fn, this.#options.clock());
    this.#inNamespace.set(fn.namespace, this.#startingIn(fn) + 1);
    return true;
  }

  /** It has a pod, or could not be woken. */
  ended(fn: FunctionState): void {
    if (this.#leave(fn)) this.#give();
  }

  /** Called every 100 ms. */
  tick(): void {
    const now = this.#options.clock();
    for (const [fn, since] of this.#starting) if (now - since > START_MILLIS || fn.hasOwnPod) this.#leave(fn);
    this.#give();
  }

  #give(): void {
    while (this.#starting.size < this.#options.limit()) {
      const fn = this.#next();
      if (!fn) return;
      this.#options.wake(fn);
      // It has taken its turn, or does not want it any more.
      this.#waiting.delete(fn);
    }
  }

  #leave(fn: FunctionState): boolean {
    if (!this.#starting.delete(fn)) return false;
    const left = this.#startingIn(fn) - 1;
    if (left > 0) this.#inNamespace.set(fn.namespace, left);
    else this.#inNamespace.delete(fn.namespace);
    return true;
  }

  #startingIn({ namespace }: FunctionState): number {
    return this.#inNamespace.get(namespace) ?? 0;
  }

  #next(): FunctionState | undefined {
    let next: FunctionState | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const fn of this.#waiting) {
      const rank = this.#startingIn(fn) + (fn.queue.length === 0 && fn.isServed ? SERVED : 0);
      if (rank >= least) continue;
      next = fn;
      least = rank;
      if (rank === 0) break;
    }
    return next;
  }
}
