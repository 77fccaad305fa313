/** The CRI cuts lines at 16 KiB anyway; cut here, each part keeps its label. */
export const MAX_LINE_BYTES = 16 * 1024 - 256;

/**
 * Cuts a stream of bytes into lines of bounded length, never inside a UTF-8 character. A carriage return ends a line, too: AWS's Python client writes a traceback
 * as one line with those in it, which a terminal would show as its last part only.
 */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const end = data.indexOf(10);
      if (end >= 0 && end <= MAX_LINE_BYTES) {
        this.#emit(data.toString('utf8', 0, end > 0 && data[end - 1] === 13 ? end - 1 : end));
        data = data.subarray(end + 1);
      } else if (data.length > MAX_LINE_BYTES) {
        const cut = characterStart(data, MAX_LINE_BYTES);
        this.#emit(data.toString('utf8', 0, cut));
        data = data.subarray(cut);
      } else break;
    }
    // A copy, so that a short rest does not keep a 64 KiB read alive.
    this.#rest = data.length > 0 ? Buffer.from(data) : data;
  }

  /** Hands out what came without an end of line. */
  flush(): void {
    if (this.#rest.length > 0) this.#emit(this.#rest.toString('utf8'));
    this.#rest = Buffer.alloc(0);
  }

  #emit(line: string): void {
    if (line.includes('\r')) for (const part of line.split('\r')) this.#onLine(part);
    else this.#onLine(line);
  }
}

/** The last place at or before `at` where a character starts: bytes 10xxxxxx go on with one, three at most. */
function characterStart(data: Buffer, at: number): number {
  for (let i = at; i > at - 4; i--) if (((data[i] ?? 0) & 0xc0) !== 0x80) return i;
  return at;
}
