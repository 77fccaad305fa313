/** The chart's own Prometheus; what is assumed until two scrapes were seen. */
const ASSUMED_SECONDS = 2;
/** Distances kept of each target: enough for a scrape that was missed or late to be outvoted. */
const REMEMBERED = 5;

/**
 * Finds the scrape interval in force out from the samples' own timestamps, as any server that speaks PromQL gives them (targets and configuration it may not tell:
 * Thanos and Mimir do not). The least distance of late between two scrapes of one target: looking more seldom than scrapes happen sees several at once, so the answer is
 * never below the interval by which the autoscaler looks.
 */
export class ScrapeInterval {
  readonly #last = new Map<string, number>();
  readonly #distances: number[] = [];

  /** Newest timestamps by target, in seconds. */
  observe(timestamps: ReadonlyMap<string, number>): void {
    for (const [target, time] of timestamps) {
      const before = this.#last.get(target);
      if (before !== undefined && time > before) {
        this.#distances.push(time - before);
        if (this.#distances.length > REMEMBERED * Math.max(1, timestamps.size)) this.#distances.shift();
      }
      this.#last.set(target, time);
    }
    for (const target of this.#last.keys()) if (!timestamps.has(target)) this.#last.delete(target);
  }

  /** In seconds, to a tenth. */
  get seconds(): number {
    if (this.#distances.length === 0) return ASSUMED_SECONDS;
    return Math.max(0.1, Math.round(Math.min(...this.#distances) * 10) / 10);
  }
}
