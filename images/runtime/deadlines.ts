/** A moment that something has to come before. */
export interface Deadline {
  /** On the clock of performance.now(). */
  readonly at: number;
  readonly passed: () => void;
}

/**
 * Deadlines of invocations, nearly all of which are met: one timer for all, that is left as it is when one is met. Two timers for each invocation, set and cleared, of which each was the only one of its
 * length, were 5 of the bridge's 210 µs.
 */
export class Deadlines {
  readonly #open = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;

  /** @param millis from now; `passed` is called then, unless it was met */
  set(millis: number, passed: () => void): Deadline {
    const deadline = { at: performance.now() + millis, passed };
    this.#open.add(deadline);
    if (deadline.at < this.#next) this.#arm(deadline.at);
    return deadline;
  }

  meet(deadline: Deadline): void {
    this.#open.delete(deadline);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#next = at;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, at - performance.now())).unref();
  }

  #look(): void {
    const now = performance.now();
    this.#next = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const deadline of this.#open) {
      // Timers count in whole milliseconds.
      if (deadline.at - now < 1) {
        this.#open.delete(deadline);
        deadline.passed();
      } else next = Math.min(next, deadline.at);
    }
    if (next < this.#next) this.#arm(next);
  }
}
