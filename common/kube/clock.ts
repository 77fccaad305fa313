/** Time as logic sees it: real in production, driven by hand in tests. */
export interface Clock {
  /** Monotonic milliseconds: for durations and deadlines, untouched by a wall clock that is set. */
  now(): number;
  /** The wall clock: only for timestamps that others read. */
  wall(): Date;
  /** Runs `fn` once after `millis`; the result cancels it. */
  after(millis: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => new Date(),
  after(millis, fn) {
    const timer = setTimeout(fn, millis);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `millis`, or as soon as the signal aborts; never rejects. */
export function sleep(clock: Clock, millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(millis, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}
