/** Bytes that were read and cannot be used yet. Grows by doubling, so that a head that comes byte by byte is not copied once a byte. */
export class Rest {
  #buffer: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (!this.#buffer || this.#buffer.length < needed) {
      const grown = Buffer.allocUnsafe(Math.max(1024, needed, 2 * this.#length));
      if (this.#buffer) this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = needed;
  }

  /** Takes everything out. */
  take(): Buffer {
    const taken = (this.#buffer ?? Buffer.alloc(0)).subarray(0, this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    return taken;
  }
}
