import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { payloadChunks } from '../../common/event-stream.ts';

/**
 * Passes a streamed response on to a caller of InvokeWithResponseStream, each piece as it comes: a caller that reads slowly holds the handler back, one that has
 * left costs it nothing. The end, InvokeComplete, is for whoever knows whether it was a good one.
 */
export function passChunks(source: Readable, res: ServerResponse): void {
  let left = res.destroyed;
  source.on('data', (chunk: Buffer) => {
    if (!left && !res.write(payloadChunks(chunk))) source.pause();
  });
  res.on('drain', () => source.resume());
  res.on('close', () => {
    left = true;
    source.resume();
  });
}

/** A streamed response for a caller that wants it in one piece. */
export class Gathered {
  size = 0;
  readonly #limit: number;
  #chunks: Buffer[] = [];

  constructor(source: Readable, limit: number) {
    this.#limit = limit;
    source.on('data', (chunk: Buffer) => {
      this.size += chunk.length;
      if (this.size > limit) this.#chunks = [];
      else this.#chunks.push(chunk);
    });
  }

  /** Undefined when there are more than the limit. */
  get bytes(): Buffer | undefined {
    return this.size > this.#limit ? undefined : Buffer.concat(this.#chunks);
  }
}
