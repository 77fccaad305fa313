/** What AWS answers X-Amz-Log-Type: Tail with. */
const TAIL_BYTES = 4096;

/** The end of what is logged of one invocation, or of a process that loads, for whoever asks for it; START, END and REPORT are of an invocation's. */
export class LogTail {
  readonly #lines: string[] = [];
  /** Of all lines with their ends: no more than their bytes. */
  #characters = 0;

  get lines(): readonly string[] {
    return this.#lines;
  }

  line(text: string): void {
    this.#lines.push(text);
    this.#characters += text.length + 1;
    for (let first = this.#lines[0]; first !== undefined && this.#characters - first.length - 1 >= TAIL_BYTES; first = this.#lines[0]) {
      this.#lines.shift();
      this.#characters -= first.length + 1;
    }
  }

  /** The last 4 KB. */
  get base64(): string {
    const bytes = Buffer.from(this.#lines.map((line) => `${line}\n`).join(''));
    return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)).toString('base64');
  }
}
