import { Socket } from 'node:net';
import { READ_BUFFER } from './read-buffer.ts';

/** Takes what is read, valid during the call only. */
type Receiver = (chunk: Buffer) => void;
const RECEIVER = Symbol('receiver');
type DirectSocket = Socket & { [RECEIVER]?: Receiver | undefined };

function deliver(this: DirectSocket, bytes: number): boolean {
  const chunk = READ_BUFFER.subarray(0, bytes);
  const receiver = this[RECEIVER];
  if (!receiver) return this.push(Buffer.from(chunk));
  receiver.call(this, chunk);
  return true;
}

/**
 * The accepted connection as a socket that is read into one shared buffer instead of one of 64 KiB a read: 64 KB uploads 1.5 times as fast, 1.5 µs less for
 * a small request. `net.connect` has `onread` for this, `net.Server` does not hand it on (nodejs/node: lib/net.js, onconnection), so the handle is taken over
 * by a new Socket. Undocumented, but that is what the server itself does; Node's version is pinned, and where the handle is not there the socket stays as it is.
 * The server must pause what it accepts (pauseOnConnect).
 */
export function readDirectly(accepted: Socket): Socket {
  const inner = accepted as unknown as { _handle: object | null };
  const handle = inner._handle;
  if (!handle) return accepted;
  inner._handle = null;
  accepted.destroy();
  const { allowHalfOpen } = accepted;
  const options = { handle, allowHalfOpen, onread: { buffer: READ_BUFFER, callback: deliver } };
  const socket: DirectSocket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]);
  socket[RECEIVER] = undefined;
  return socket;
}

/** Hands what comes to `receiver`, which is called on the socket; of a socket that is not read directly (TLS), too. */
export function receive(socket: Socket, receiver: Receiver): void {
  if (RECEIVER in socket) socket[RECEIVER] = receiver;
  else socket.on('data', receiver);
}

/** From now on what comes is the socket's own, as a stream, for somebody else to read. */
export function receiveNoMore(socket: Socket, receiver: Receiver): void {
  if (RECEIVER in socket) socket[RECEIVER] = undefined;
  else socket.off('data', receiver);
}
