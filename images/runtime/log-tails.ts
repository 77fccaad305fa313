import type { Log } from './log.ts';

/** What AWS answers X-Amz-Log-Type: Tail with. */
const TAIL_BYTES = 4096;

/** The ends of what invocations print, for those who asked for them; everything goes to the log all the same. */
export class LogTails {
  readonly #log: Log;
  readonly #tails = new Map<string, string[]>();

  constructor(log: Log) {
    this.#log = log;
  }

  readonly log: Log = (label, line) => {
    this.#log(label, line);
    const lines = this.#tails.size === 0 ? undefined : this.#tails.get(label);
    if (!lines) return;
    lines.push(line);
    // Each line has a byte at least, its end: so many are enough.
    if (lines.length > TAIL_BYTES) lines.shift();
  };

  /** From now on what the request prints is kept. */
  open(id: string): void {
    this.#tails.set(id, []);
  }

  /** The last 4 KB of what it has printed since, in base64. */
  take(id: string): string {
    const lines = this.#tails.get(id) ?? [];
    this.#tails.delete(id);
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)).toString('base64');
  }
}
