import { connect } from 'node:net';
import type { Writable } from 'node:stream';
import { blobPath } from '../../common/api/store.ts';
import { splitHostPort } from '../../common/host-port.ts';
import type { Bundle } from './config.ts';

/** A store that sends nothing for so long is asked anew. */
const SILENCE_MILLIS = 10_000;
/** What the kernel has gathered is read at once. */
const READ_BYTES = 512 * 1024;
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Sends a bundle from the store to `out`, and ends it. Rejects when it does not come whole. Resolves when it has, and when `out` was closed before, which whoever reads from `out` is told.
 *
 * Without node:http, which makes a buffer of 64 KiB for each read and copies what is in it: of 50 MB that was 100 ms of this process's CPU, and 12 to 24 with two buffers in turns. The
 * store is Lull's own, and always says the length.
 *
 * @param seen each piece, before `out` gets it; valid during the call only
 */
export function download(
  bundle: Bundle,
  store: string,
  out: Writable,
  seen: (piece: Buffer) => void,
  silenceMillis = SILENCE_MILLIS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const buffers = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)] as const;
    let turn = 0;
    let head = '';
    let missing: number | undefined;
    let writing = 0;
    const end = (problem?: string): void => {
      socket.destroy();
      out.off('close', leave);
      if (problem === undefined) resolve();
      else reject(new Error(problem));
    };
    const leave = (): void => end();
    /** False when it is to read no further now. */
    const take = (bytes: Buffer): boolean => {
      let piece = bytes;
      if (missing === undefined) {
        const before = head.length;
        head += bytes.toString('latin1', 0, MAX_HEAD_BYTES);
        const ends = head.indexOf('\r\n\r\n');
        if (ends < 0 && head.length < MAX_HEAD_BYTES) return true;
        const length = readHead(head.slice(0, Math.max(0, ends)), store);
        if (typeof length === 'string') {
          end(length);
          return false;
        }
        missing = length;
        piece = bytes.subarray(ends + 4 - before);
      }
      // A length of 0 is that of an empty bundle, of which there is none; what is more than was said is nobody's.
      piece = piece.subarray(0, missing);
      missing -= piece.length;
      if (piece.length > 0) {
        seen(piece);
        writing += 1;
        out.write(piece, written);
      }
      if (missing > 0) return writing < buffers.length;
      out.end();
      end();
      return false;
    };
    const written = (error: Error | null | undefined): void => {
      writing -= 1;
      if (error) return;
      // It may have run out while `out` was slow, and begins only when something comes.
      socket.setTimeout(silenceMillis);
      socket.resume();
    };
    const onread = {
      buffer: () => buffers[++turn % 2] as Buffer,
      callback: (bytes: number, buffer: Uint8Array) => take(buffer.subarray(0, bytes) as Buffer),
    };
    const socket = connect({ ...splitHostPort(store), onread }, () => {
      socket.write(
        `GET ${blobPath(bundle.digest)} HTTP/1.1\r\nHost: ${store}\r\nAuthorization: Bearer ${bundle.token}\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.setTimeout(silenceMillis);
    socket.on('timeout', () => {
      // While `out` is slow it is not the store that is silent.
      if (writing < buffers.length) end(`the store at ${store} was silent for ${silenceMillis / 1000} s`);
    });
    socket.on('error', (error) => end(`the store at ${store} cannot be read: ${error.message}`));
    socket.on('end', () => end(`the store at ${store} cannot be read: the connection broke`));
    out.once('close', leave);
  });
}

/** The length of what follows, or what is wrong. */
function readHead(head: string, store: string): number | string {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status === '404') return 'the store does not have it (404); the operator fetches it again';
  if (status !== '200') return `the store at ${store} answers ${status ?? 'something else than HTTP'}`;
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1];
  return length === undefined ? `the store at ${store} answers without a length` : Number(length);
}
