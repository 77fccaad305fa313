import { Socket } from 'node:net';
import { READ_BUFFER } from './read-buffer.ts';

/** Takes what is read, valid during the call only. */
export const RECEIVE = Symbol('receive');
export type DirectSocket = Socket & { [RECEIVE]?: ((chunk: Buffer) => void) | undefined };

function deliver(this: DirectSocket, bytes: number): boolean {
  this[RECEIVE]?.(READ_BUFFER.subarray(0, bytes));
  return true;
}

/**
 * The accepted connection as a socket that is read into one shared buffer instead of one of 64 KiB a read: 64 KB uploads 1.5 times as fast, 1.5 µs less for
 * a small request. `net.connect` has `onread` for this, `net.Server` does not hand it on (nodejs/node: lib/net.js, onconnection), so the handle is taken over
 * by a new Socket. Undocumented, but that is what the server itself does; Node's version is pinned, and where the handle is not there the socket stays as it is.
 */
export function readDirectly(accepted: Socket): Socket {
  const inner = accepted as unknown as { _handle: object | null };
  const handle = inner._handle;
  if (!handle) return accepted;
  inner._handle = null;
  accepted.destroy();
  const options = { handle, allowHalfOpen: true, onread: { buffer: READ_BUFFER, callback: deliver } };
  const socket: DirectSocket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  socket[RECEIVE] = undefined;
  return socket;
}
