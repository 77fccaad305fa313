import { type Clock, systemClock } from '../../common/kube/clock.ts';

/** What happens in a queue, for whoever counts it. */
export interface QueueObserver {
  depth?(keys: number): void;
  added?(): void;
  retried?(): void;
  /** A key was taken up, `millis` after it was added. */
  started?(millis: number): void;
}

export interface QueueOptions {
  clock?: Clock;
  /** Back-off of a key that failed: doubled each time from `min` to `max` (client-go: 5 ms to 1000 s; a person waits for us, so 60 s). */
  backoff?: { minMillis: number; maxMillis: number };
  observer?: QueueObserver;
}

/**
 * A work queue of keys, as client-go's: a key is in it once; one that is added while it is worked on comes again afterwards, and never to two workers at
 * once; one that failed comes again with a back-off of its own, so that it does not hold up others.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #min: number;
  readonly #max: number;
  readonly #observer: QueueObserver | undefined;
  /** Waiting keys in order, with the time they were added. */
  readonly #waiting = new Map<string, number>();
  readonly #working = new Set<string>();
  /** Keys to be added again when their work is done. */
  readonly #again = new Set<string>();
  readonly #later = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor({ clock = systemClock, backoff = { minMillis: 5, maxMillis: 60_000 }, observer }: QueueOptions = {}) {
    this.#clock = clock;
    this.#min = backoff.minMillis;
    this.#max = backoff.maxMillis;
    this.#observer = observer;
  }

  get depth(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#closed || this.#waiting.has(key)) return;
    this.#observer?.added?.();
    if (this.#working.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#waiting.set(key, this.#clock.now());
    this.#observer?.depth?.(this.#waiting.size);
    this.#hand();
  }

  /** Adds after a while; of several such wishes for a key the earliest counts. */
  addAfter(key: string, millis: number): void {
    if (this.#closed) return;
    const at = this.#clock.now() + millis;
    const known = this.#later.get(key);
    if (known && known.at <= at) return;
    known?.cancel();
    const cancel = this.#clock.after(millis, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { at, cancel });
  }

  /** The next key, as soon as there is one; undefined once the queue is closed and empty. Every key that is taken must be `done`. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#hand();
    });
  }

  /** The work on a key has ended: well, which forgets its failures, or not, which brings it back after its back-off. */
  done(key: string, failed: boolean): void {
    this.#working.delete(key);
    if (failed) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.#observer?.retried?.();
      this.addAfter(key, Math.min(this.#max, this.#min * 2 ** Math.min(failures, 30)));
    } else {
      this.#failures.delete(key);
    }
    if (this.#again.delete(key)) this.add(key);
  }

  /** Takes no more; what waits for later is dropped, what waits now is still handed out. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    this.#hand();
  }

  #hand(): void {
    while (this.#takers.length > 0) {
      const next = this.#waiting.entries().next();
      if (next.done) {
        if (this.#closed) for (const taker of this.#takers.splice(0)) taker(undefined);
        return;
      }
      const [key, since] = next.value;
      this.#waiting.delete(key);
      this.#working.add(key);
      this.#observer?.depth?.(this.#waiting.size);
      this.#observer?.started?.(this.#clock.now() - since);
      this.#takers.shift()?.(key);
    }
  }
}
