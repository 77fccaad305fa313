/** Counts bytes that are kept in memory against a bound. What is over it is not refused: the clients are read no further, and TCP holds them back. */
export class ByteBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  get hasRoom(): boolean {
    return this.#used < this.limit;
  }

  add(bytes: number): void {
    this.#used += bytes;
  }
}
