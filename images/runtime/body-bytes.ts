/** What a body is given at first: one that is only claimed costs no more, and V8 counts what is given, touched or not. */
const FIRST_BYTES = 256 * 1024;

/** A body of known length as it comes, copied together: what is read is valid for the moment only (common/net/direct-read.ts). */
export class BodyBytes {
  readonly #whole: number;
  #buffer: Buffer;
  #length = 0;

  /** @param length of the whole body */
  constructor(length: number) {
    this.#whole = length;
    this.#buffer = Buffer.allocUnsafe(Math.min(length, FIRST_BYTES));
  }

  get isWhole(): boolean {
    return this.#length === this.#whole;
  }

  /** What has come. */
  get bytes(): Buffer {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  /** Returns how many of the chunk's bytes are the body's. */
  append(chunk: Buffer): number {
    const taken = Math.min(chunk.length, this.#whole - this.#length);
    const needed = this.#length + taken;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#whole, Math.max(needed, 4 * this.#buffer.length)));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    chunk.copy(this.#buffer, this.#length, 0, taken);
    this.#length = needed;
    return taken;
  }
}
