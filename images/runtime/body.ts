import type { IncomingMessage } from 'node:http';

const EMPTY = Buffer.alloc(0);

/**
 * Reads a whole body. `done` is called once: with undefined when it is larger than `limit` (what is over is read and dropped, so that the sender hears the
 * answer), and with `complete` false when the sender went away in the middle. `size`: bytes that came.
 */
export function readBody(
  req: IncomingMessage,
  limit: number,
  done: (body: Buffer | undefined, complete: boolean, size: number) => void,
): void {
  const { headers } = req;
  // Without a body there is nothing to wait for; reading a stream to its end takes several turns.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    done(EMPTY, true, 0);
    return;
  }
  let chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  const end = (complete: boolean): void => {
    if (ended) return;
    ended = true;
    done(size > limit ? undefined : chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), complete, size);
  };
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) chunks = [];
    else chunks.push(chunk);
  });
  req.on('end', () => end(true));
  req.on('error', () => end(false));
  req.on('close', () => end(false));
}
