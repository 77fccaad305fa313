import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FetchError } from '../errors.ts';

/** Writes a body to a file and returns its SHA-256 in hex. @param maxBytes more is refused, whatever its sender said */
export async function download(body: Readable, file: string, maxBytes: number): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new FetchError('TooLarge', `the archive alone has more than ${maxBytes} bytes`);
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(body, counted, createWriteStream(file));
  return hash.digest('hex');
}
