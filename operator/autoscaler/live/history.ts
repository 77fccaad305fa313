/** Over which time the mean is taken. */
const MEAN_MILLIS = 2000;

interface Point {
  /** On the activator's clock. */
  at: number;
  seconds: number;
}

/** What one activator has said of one function of late: enough for the time-weighted mean of its demand over the last two seconds. */
export class DemandHistory {
  held = 0;
  running = 0;
  readonly #points: Point[] = [];
  /** The activator's clock minus ours. */
  #ahead = 0;

  /** @param now our own clock, when it was heard */
  add({ at, now, held, running, seconds }: { at: number; now: number; held: number; running: number; seconds: number }): void {
    this.held = held;
    this.running = running;
    this.#ahead = at - now;
    this.#points.push({ at, seconds });
    // One that is older than the mean's time stays, to measure from.
    while (this.#points.length > 2 && at - (this.#points[1] as Point).at >= MEAN_MILLIS) this.#points.shift();
  }

  /**
   * Mean demand over the last two seconds: the integral's growth by its time, what came since the last word being as it was then. Example: 4 request-seconds at 1 s,
   * 10 at 3 s, nothing since → 3. Of a function just heard of it is its demand now, by the part of two seconds that it has been there.
   */
  mean(now: number): number {
    const last = this.#points.at(-1);
    if (!last) return 0;
    const end = now + this.#ahead;
    const demand = this.held + this.running;
    const from = end - MEAN_MILLIS;
    const total = last.seconds + (demand * Math.max(0, end - last.at)) / 1000;
    return Math.max(0, (total - this.#secondsAt(from)) / (MEAN_MILLIS / 1000));
  }

  /** Nothing held or running, and the mean is of nothing but that. */
  isOver(now: number): boolean {
    return this.held + this.running === 0 && this.mean(now) === 0;
  }

  /** The integral at a time, between the points on a straight line; before the first it had not grown. */
  #secondsAt(time: number): number {
    const points = this.#points;
    const first = points[0] as Point;
    if (time <= first.at) return first.seconds;
    for (let i = 1; i < points.length; i += 1) {
      const next = points[i] as Point;
      if (time > next.at) continue;
      const before = points[i - 1] as Point;
      return before.seconds + ((next.seconds - before.seconds) * (time - before.at)) / (next.at - before.at);
    }
    const last = points.at(-1) as Point;
    return last.seconds + ((this.held + this.running) * (time - last.at)) / 1000;
  }
}
