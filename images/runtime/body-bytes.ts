/** A body of known length as it comes, copied together: what is read is valid for the moment only (common/net/direct-read.ts). */
export class BodyBytes {
  readonly bytes: Buffer;
  #length = 0;

  /** @param length of the whole body. Nothing of it is touched before it comes: a length that is only claimed costs no memory */
  constructor(length: number) {
    this.bytes = Buffer.allocUnsafe(length);
  }

  get isWhole(): boolean {
    return this.#length === this.bytes.length;
  }

  /** What has come. */
  get begun(): Buffer {
    return this.bytes.subarray(0, this.#length);
  }

  /** Returns how many of the chunk's bytes are the body's. */
  append(chunk: Buffer): number {
    const taken = chunk.copy(this.bytes, this.#length);
    this.#length += taken;
    return taken;
  }
}
