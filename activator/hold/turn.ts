/** Somebody with requests to let go. */
export interface Waiting {
  pump(): void;
}

/**
 * Bounds how many held requests are given to pods in one turn of the event loop, of all functions together, and lets functions take turns: requests that wait for nothing
 * must not stand behind 10,000 that are let go. It costs no throughput: what is not given now is given in the next turn, a fraction of a millisecond later.
 */
export class Turn {
  readonly #limit: number;
  #left: number;
  /** Of these, how many the one that is asked now may take. */
  #share = Number.POSITIVE_INFINITY;
  #scheduled = false;
  #waiting = new Set<Waiting>();

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  /** Whether one more may be given in this turn; if not, `who` is asked again in the next. */
  take(who: Waiting): boolean {
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#next);
    }
    if (this.#left > 0 && this.#share > 0) {
      this.#left -= 1;
      this.#share -= 1;
      return true;
    }
    this.#waiting.add(who);
    return false;
  }

  /** All that wait get the same; those for whom nothing is left are the first in the next turn. */
  readonly #next = (): void => {
    this.#left = this.#limit;
    const waiting = [...this.#waiting];
    this.#waiting = new Set();
    const share = Math.ceil(this.#limit / Math.max(1, waiting.length));
    const unserved: Waiting[] = [];
    for (const who of waiting) {
      if (this.#left === 0) unserved.push(who);
      else {
        this.#share = share;
        who.pump();
      }
    }
    this.#share = Number.POSITIVE_INFINITY;
    this.#waiting = new Set([...unserved, ...this.#waiting]);
    this.#scheduled = this.#left < this.#limit;
    if (this.#scheduled) setImmediate(this.#next);
  };
}
