import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/** Content type with which awslambda.HttpResponseStream writes its prelude: status and headers as JSON, eight NULs, then the body. */
export const INTEGRATION = 'application/vnd.awslambda.http-integration-response';
const SEPARATOR = Buffer.alloc(8);
/** Whoever sends more than this without a separator has forgotten it. */
const MAX_PRELUDE_BYTES = 64 * 1024;

/** Takes a prelude off; undefined when its end has not come yet. */
export function splitPrelude(bytes: Buffer): { prelude: string; rest: Buffer } | undefined {
  const end = bytes.indexOf(SEPARATOR);
  return end < 0 ? undefined : { prelude: bytes.toString('utf8', 0, end), rest: bytes.subarray(end + SEPARATOR.length) };
}

export interface StreamedAnswerOptions {
  source: Readable;
  res: ServerResponse;
  /** The bytes begin with a prelude. */
  hasPrelude: boolean;
  /** Writes the head, before the first byte of the body. Throws, with what is wrong, for a prelude that is none. */
  head(prelude: string | undefined): void;
  /** The prelude is none: nothing more is passed on. */
  invalid(message: string): void;
}

/**
 * Passes a streamed response on as it comes: a client that reads slowly holds the handler back, one that has left costs it nothing (what still comes is dropped,
 * as on AWS the handler goes on). It never ends the answer by itself: only the Runtime API knows whether the source's end was a good one.
 */
export class StreamedAnswer {
  readonly #options: StreamedAnswerOptions;
  #pending: Buffer | undefined = Buffer.alloc(0);
  #dropping = false;

  constructor(options: StreamedAnswerOptions) {
    this.#options = options;
    const { source, res } = options;
    this.#dropping = res.destroyed;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    res.on('drain', () => source.resume());
    res.on('close', () => {
      this.#dropping = true;
      source.resume();
    });
  }

  /** The source has ended, and well. False when the prelude never did. */
  end(): boolean {
    const { res, hasPrelude } = this.#options;
    // Nobody hears it.
    if (this.#dropping) return true;
    if (this.#pending && hasPrelude) return false;
    // A response without a byte has a head all the same.
    if (this.#pending) this.#head(undefined, this.#pending);
    res.end();
    return true;
  }

  #take(chunk: Buffer): void {
    if (this.#dropping) return;
    if (!this.#pending) this.#write(chunk);
    else if (!this.#options.hasPrelude) this.#head(undefined, chunk);
    else {
      const bytes = Buffer.concat([this.#pending, chunk]);
      const split = splitPrelude(bytes);
      if (split) this.#head(split.prelude, split.rest);
      else if (bytes.length > MAX_PRELUDE_BYTES) this.#invalid('the streamed response has no end of its prelude (eight NUL bytes)');
      else this.#pending = bytes;
    }
  }

  #head(prelude: string | undefined, body: Buffer): void {
    this.#pending = undefined;
    try {
      this.#options.head(prelude);
    } catch (error) {
      this.#invalid((error as Error).message);
      return;
    }
    // At once: the first byte of the body may be long in coming.
    if (body.length > 0) this.#write(body);
    else this.#options.res.flushHeaders();
  }

  #write(chunk: Buffer): void {
    if (!this.#options.res.write(chunk)) this.#options.source.pause();
  }

  #invalid(message: string): void {
    this.#dropping = true;
    this.#pending = undefined;
    this.#options.invalid(message);
  }
}
