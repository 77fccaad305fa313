/** A value from a moment on, until the next one. */
export interface Moment {
  /** Wall-clock milliseconds. */
  at: number;
  value: number;
}

/** A number that changes at moments, such as a function's pods: what it was at any time. */
export class History {
  readonly #moments: Moment[] = [];

  /** Moments come in order; the same value again is no change. */
  set(at: number, value: number): void {
    if (this.#moments.at(-1)?.value !== value) this.#moments.push({ at, value });
  }

  /** 0 before anything was known. */
  at(time: number): number {
    return this.#moments.findLast(({ at }) => at <= time)?.value ?? 0;
  }

  get now(): number {
    return this.#moments.at(-1)?.value ?? 0;
  }

  /** The changes after `from`, up to `to`. */
  changes(from: number, to = Number.POSITIVE_INFINITY): Moment[] {
    return this.#moments.filter(({ at }) => at > from && at <= to);
  }

  /** When it first fulfilled the test at or after `from`; undefined when it did not. Example: 1 at 0 ms, 3 at 50 ms: first(10, v => v >= 3) → 50. */
  first(from: number, test: (value: number) => boolean): number | undefined {
    if (test(this.at(from))) return from;
    return this.changes(from).find(({ value }) => test(value))?.at;
  }

  /** The least and the greatest value from `from` to `to`. */
  range(from: number, to: number): { min: number; max: number } {
    const values = [this.at(from), ...this.changes(from, to).map(({ value }) => value)];
    return { min: Math.min(...values), max: Math.max(...values) };
  }

  /** As points of a plot: seconds since `origin`, and the value, with both ends of the time. */
  points(from: number, to: number, origin = from): [number, number][] {
    const inner = this.changes(from, to).map(({ at, value }): [number, number] => [(at - origin) / 1000, value]);
    return [[(from - origin) / 1000, this.at(from)], ...inner, [(to - origin) / 1000, this.at(to)]];
  }
}
