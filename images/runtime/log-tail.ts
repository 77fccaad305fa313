/** What AWS answers X-Amz-Log-Type: Tail with. */
export const TAIL_BYTES = 4096;

/** The end of what is logged of one invocation, for whoever asked for it; START, END and REPORT are of it. */
export class LogTail {
  readonly #lines: string[] = [];

  line(text: string): void {
    this.#lines.push(text);
    // Each line has a byte at least, its end: so many are enough.
    if (this.#lines.length > TAIL_BYTES) this.#lines.shift();
  }

  /** The last 4 KB. */
  get base64(): string {
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(''));
    return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)).toString('base64');
  }
}
