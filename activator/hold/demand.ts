import type { Clock } from '../clock.ts';

/**
 * Demand of one function (requests held and running) and its integral over time.
 *
 * The integral is what Prometheus scrapes: the rate of "demand seconds" over any window is the exact time-weighted mean of demand in it, whatever
 * happened between two scrapes. Example: 10 requests for 0.5 s within a 2 s scrape interval → + 5 demand seconds → rate 2.5.
 */
export class Demand {
  #clock: Clock;
  #now = 0;
  #integral = 0;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock();
  }

  /** Requests held and running now. */
  get now(): number {
    return this.#now;
  }

  /** Adds a request, or with -1 takes one away. */
  add(by: 1 | -1): void {
    this.#settle();
    this.#now += by;
  }

  /** Request-seconds since the beginning. */
  seconds(): number {
    this.#settle();
    return this.#integral / 1000;
  }

  #settle(): void {
    const now = this.#clock();
    this.#integral += this.#now * (now - this.#since);
    this.#since = now;
  }
}
