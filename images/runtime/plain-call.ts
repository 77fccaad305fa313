import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BodyBytes } from './body-bytes.ts';
import type { Call, Fields } from './call.ts';
import type { HttpHead } from './direct-head.ts';
import { sendByNode } from './node-call.ts';
import { answerHead } from './plain-answer.ts';
import type { PlainHead } from './plain-head.ts';

/** Up to here head and body are copied into one piece; above, two pieces in one system call cost less. */
const ONE_PIECE_BYTES = 32 * 1024;

type BodyDone = (body: Buffer | undefined, complete: boolean) => void;

/** A usual request on a connection that is read without node:http (plain-connection.ts). */
export class PlainCall implements Call {
  readonly head: HttpHead;
  /** Its answer is the last on the connection. */
  last = false;
  readonly #socket: Socket;
  readonly #ended: () => void;
  readonly #body: BodyBytes;
  #bodyDone: BodyDone | undefined;
  #response: ServerResponse | undefined;
  #answered = false;
  #over = false;

  /** @param ended it is answered, and its body has come: the next may be read */
  constructor({ method, url, httpVersion, rawHeaders, headers, length }: PlainHead, socket: Socket, ended: () => void) {
    this.head = { method, url, httpVersion, rawHeaders, headers, socket };
    this.#socket = socket;
    this.#body = new BodyBytes(length);
    this.#ended = ended;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed || this.#response?.destroyed === true;
  }

  get headersSent(): boolean {
    return this.#answered || this.#response?.headersSent === true;
  }

  get response(): ServerResponse {
    this.#response ??= this.#makeResponse();
    return this.#response;
  }

  /** What came on the connection; returns how many bytes are its body's. */
  more(chunk: Buffer): number {
    if (this.#body.isWhole) return 0;
    const taken = this.#body.append(chunk);
    if (this.#body.isWhole) {
      this.#handBody();
      this.#endIfDone();
    }
    return taken;
  }

  /** The connection is closed. */
  closed(): void {
    const done = this.#bodyDone;
    this.#bodyDone = undefined;
    done?.(this.#body.bytes, false);
  }

  readBody(done: BodyDone): void {
    this.#bodyDone = done;
    if (this.#body.isWhole) this.#handBody();
  }

  dropBody(): void {
    this.#bodyDone = () => undefined;
  }

  send(status: number, fields: Fields, body: string | Buffer): void {
    const head = this.#response ? undefined : answerHead(status, fields, this.last);
    if (head === undefined) {
      sendByNode(this.response, status, fields, body);
      return;
    }
    this.#answered = true;
    this.#write(head, this.head.method === 'HEAD' || status === 204 || status === 304 ? '' : body);
    this.#endIfDone();
  }

  isLast(): void {
    this.last = true;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onClose(listener: () => void): void {
    this.#socket.on('close', listener);
  }

  offClose(listener: () => void): void {
    this.#socket.off('close', listener);
  }

  /** A head is Latin-1, text UTF-8: where that is the same, they are one string. */
  #write(head: string, body: string | Buffer): void {
    const socket = this.#socket;
    if (!socket.writable) return;
    const length = Buffer.byteLength(body);
    if (typeof body === 'string' && length === body.length) socket.write(head + body, 'latin1');
    else if (length <= ONE_PIECE_BYTES) {
      const bytes = Buffer.allocUnsafe(head.length + length);
      bytes.write(head, 'latin1');
      if (typeof body === 'string') bytes.write(body, head.length);
      else bytes.set(body, head.length);
      socket.write(bytes);
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }

  #handBody(): void {
    const done = this.#bodyDone;
    if (!done) return;
    this.#bodyDone = undefined;
    done(this.#body.bytes, true);
  }

  #endIfDone(): void {
    if (this.#over || !this.#answered || !this.#body.isWhole) return;
    this.#over = true;
    this.#ended();
  }

  /** As node:http makes it, and takes it off its connection again. */
  #makeResponse(): ServerResponse {
    const socket = this.#socket;
    const req = new IncomingMessage(socket);
    Object.assign(req, { method: this.head.method, httpVersionMajor: 1, httpVersionMinor: 1 });
    const res = new ServerResponse(req);
    res.on('error', () => undefined);
    if (socket.destroyed) {
      res.destroy();
      return res;
    }
    res.assignSocket(socket);
    const drained = (): void => void res.emit('drain');
    socket.on('drain', drained);
    res.once('finish', () => {
      socket.off('drain', drained);
      res.detachSocket(socket);
      this.#answered = true;
      res.emit('close');
      this.#endIfDone();
    });
    return res;
  }
}
