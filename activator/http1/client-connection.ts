import type { Socket } from 'node:net';
import { receive, receiveNoMore } from '../../common/net/direct-read.ts';
import { answerHead, informationalHead } from '../forward/answer-head.ts';
import type { AnswerExtras, ClientSide, RequestSink } from '../forward/sides.ts';
import { plainAddress } from '../plain-address.ts';
import { BodyReader, type BodySink } from './body-reader.ts';
import { HEAD_END, type HeadLimits, ProtocolError, type RequestHead, type ResponseHead } from './message.ts';
import { Outbox } from './outbox.ts';
import { readRequestHead } from './request-head.ts';
import { Rest } from './rest.ts';

/** Milliseconds that a connection may spend in a state, and other limits of the listener. */
export interface ConnectionLimits extends HeadLimits {
  /** Longer than the idle time of common load balancers (60 s), or they send into a connection that we close. */
  idleMillis: number;
  /** From the first byte of a head to its last: against clients that send a byte now and then to keep a connection (slow loris). */
  headMillis: number;
  /** Without a byte of a body that is waited for, or without a byte taken of an answer. */
  stallMillis: number;
  /** Bytes of a request's body; 0 for no limit. */
  bodyBytes: number;
}

/** What a connection tells the listener. */
export interface ConnectionOwner {
  readonly limits: ConnectionLimits;
  readonly draining: boolean;
  clock(): number;
  /** A request has come, its body not read yet; undefined when it was answered at once. */
  begin(client: ClientConnection, head: RequestHead): RequestSink | undefined;
  /** What came is not a request: it is answered, and the connection closes. */
  refuse(client: ClientConnection, error: ProtocolError): void;
  closed(client: ClientConnection): void;
  /** The client began with HTTP/2's preface; `read` was read of it. */
  turnToHttp2(client: ClientConnection, read: Buffer): void;
}

/** What a pipelining client may send ahead while its first request is being answered. */
const AHEAD_BYTES = 65_536;
/** Up to this, a body goes out with its head; what is more would be copied once more for that. */
const WITH_HEAD_BYTES = 16_384;
/** For so long a closing connection's input is still read, or the answer would be lost in a reset (RFC 9112, 9.6). */
const LINGER_MILLIS = 2000;

const OWNER = Symbol('connection');

/** States of a connection. */
const HEAD = 0;
const BODY = 1;
const ANSWERING = 2;
const TURNED_OVER = 3;
const CLOSING = 4;

/**
 * A client's connection that speaks HTTP/1: reads requests one after the other, each with its body, and writes their answers in order. A client that sends
 * ahead (pipelining) waits in `#rest`.
 */
export class ClientConnection implements ClientSide, BodySink {
  readonly socket: Socket;
  readonly address: string;
  readonly encrypted: boolean;
  readonly openedAt: number;
  readonly #owner: ConnectionOwner;
  readonly #rest = new Rest();
  readonly #body = new BodyReader();
  readonly #out = new Outbox();
  #state = HEAD;
  #exchange: RequestSink | undefined;
  #request: RequestHead | undefined;
  #since: number;
  #bodyBytes = 0;
  #reading = false;
  #consuming = false;
  #paused = false;
  #chunkedAnswer = false;
  #bodilessAnswer = false;
  #closeAfter = false;
  #leaves = false;
  #takenAtSweep = 0;
  #first = true;

  constructor(socket: Socket, owner: ConnectionOwner, encrypted: boolean) {
    this.socket = socket;
    this.encrypted = encrypted;
    this.address = plainAddress(socket.remoteAddress);
    this.#owner = owner;
    this.openedAt = owner.clock();
    this.#since = this.openedAt;
    (socket as Owned)[OWNER] = this;
    receive(socket, onData);
    socket.on('end', onEnd);
    socket.on('drain', onDrain);
    socket.on('error', onError);
    socket.on('close', onClose);
    socket.resume();
  }

  /** @param chunk valid during the call only */
  received(chunk: Buffer): void {
    if (this.#state === CLOSING) return;
    if (this.#state === TURNED_OVER) {
      this.#pauseUnless(this.#exchange?.bodyData(chunk) ?? true);
      return;
    }
    if (this.#rest.length > 0) {
      this.#rest.append(chunk);
      // While an answer is under way nothing of what is sent ahead is looked at.
      if (this.#state === ANSWERING) this.#keepAhead();
      else this.#consume(this.#rest.take());
    } else this.#consume(chunk);
  }

  // What the exchange does with the client.

  informational(head: ResponseHead): void {
    if (this.#request?.minor === 1 && !this.socket.destroyed) this.socket.write(informationalHead(head), 'latin1');
  }

  answer(head: ResponseHead, extras: AnswerExtras, close: boolean): void {
    const request = this.#request as RequestHead;
    this.#bodilessAnswer = head.bodyLength === 0;
    this.#chunkedAnswer = head.bodyLength < 0 && request.minor === 1;
    const endsHere = close || this.#leaves || this.#owner.draining;
    this.#closeAfter = endsHere || !request.keepAlive || (head.bodyLength < 0 && request.minor === 0);
    this.#out.push(answerHead(head, extras, { chunked: this.#chunkedAnswer, close: this.#closeAfter, minor: request.minor }));
  }

  answerData(chunk: Buffer): boolean {
    if (this.#bodilessAnswer || this.socket.destroyed) return true;
    if (this.#chunkedAnswer) this.#out.pushChunk(chunk);
    else this.#out.push(chunk);
    // Borrowed bytes are gone when this returns to the reader, unless they are written in the same turn: the pod's side flushes before that.
    return true;
  }

  flush(): boolean {
    return this.socket.destroyed ? true : this.#out.flush(this.socket);
  }

  answerEnd(trailers: string[] | undefined): void {
    if (this.#chunkedAnswer) this.#out.pushLastChunk(trailers);
    this.flush();
    const whole = this.#state === ANSWERING;
    this.#exchange = undefined;
    this.#request = undefined;
    if (this.#closeAfter || !whole) {
      this.#close();
      return;
    }
    this.#state = HEAD;
    this.#since = this.#owner.clock();
    this.resumeBody();
    if (this.#rest.length > 0 && !this.#consuming) this.#consume(this.#rest.take());
  }

  leave(): void {
    this.#leaves = true;
  }

  abort(): void {
    this.#exchange = undefined;
    this.socket.destroy();
  }

  pauseBody(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.socket.pause();
  }

  resumeBody(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#since = this.#owner.clock();
    this.socket.resume();
  }

  turnOver(head: ResponseHead, extras: AnswerExtras): void {
    this.#bodilessAnswer = false;
    this.#chunkedAnswer = false;
    this.#out.push(answerHead(head, extras, { chunked: false, close: false, minor: 1 }));
    this.flush();
    this.#state = TURNED_OVER;
    if (this.#rest.length > 0) this.#exchange?.bodyData(this.#rest.take());
    this.resumeBody();
  }

  /** The pod's half of a connection that was turned over has ended; the client's may go on. */
  finishTurnedOver(): void {
    if (!this.socket.destroyed) this.socket.end();
  }

  // The connection's own life.

  /** No request under way, nor half of one. */
  get idle(): boolean {
    return this.#state === HEAD && this.#rest.length === 0;
  }

  /** Closes politely: at once when idle, else after the answer. */
  drain(): void {
    if (this.idle) this.#close();
  }

  cut(): void {
    this.socket.destroy();
  }

  /** Looked at once a second instead of a timer a connection. */
  sweep(now: number): void {
    const { limits } = this.#owner;
    const waited = now - this.#since;
    if (this.#state === HEAD) {
      if (this.#rest.length > 0) {
        if (waited > limits.headMillis) this.#owner.refuse(this, new ProtocolError('RequestTimeout', 'the head took too long'));
      } else if (waited > limits.idleMillis) this.#close();
    } else if (this.#state === CLOSING) {
      if (waited > LINGER_MILLIS) this.socket.destroy();
    } else if (this.#state === BODY && !this.#paused && waited > limits.stallMillis) this.#exchange?.clientStalled();
    else this.#sweepWriting(now, waited);
  }

  /** A client that takes nothing of its answer, not a byte, holds a slot for nothing. */
  #sweepWriting(now: number, waited: number): void {
    const taken = this.socket.bytesWritten - this.socket.writableLength;
    if (!this.socket.writableNeedDrain || taken !== this.#takenAtSweep) {
      this.#takenAtSweep = taken;
      if (this.#state !== BODY) this.#since = now;
    } else if (waited > this.#owner.limits.stallMillis) this.socket.destroy();
  }

  #consume(buffer: Buffer): void {
    this.#consuming = true;
    try {
      let at = 0;
      while (at < buffer.length) {
        if (this.#state === HEAD) at = this.#readHead(buffer, at);
        else if (this.#state === BODY) at = this.#readBody(buffer, at);
        else {
          if (this.#state === ANSWERING) {
            this.#rest.append(buffer.subarray(at));
            this.#keepAhead();
          } else if (this.#state === TURNED_OVER) this.#exchange?.bodyData(buffer.subarray(at));
          return;
        }
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (this.#exchange) this.#exchange.clientBroke(error);
      else this.#owner.refuse(this, error);
    } finally {
      this.#consuming = false;
    }
  }

  #keepAhead(): void {
    if (this.#rest.length > AHEAD_BYTES) this.pauseBody();
  }

  /** Returns where the head ended; the buffer's end when it is not whole, and then keeps it. */
  #readHead(buffer: Buffer, at: number): number {
    const { limits } = this.#owner;
    // An empty line before a request is passed over (RFC 9112, 2.2): old clients send one after a body.
    if (buffer[at] === 13 && buffer[at + 1] === 10) return at + 2;
    // "PRI" begins the preface of HTTP/2 and no method there is (RFC 9113, 3.4).
    if (at === 0 && this.#first && buffer[0] === 80 && buffer[1] === 82 && buffer[2] === 73) {
      this.#turnToHttp2(buffer);
      return buffer.length;
    }
    const end = buffer.indexOf(HEAD_END, at);
    const length = (end < 0 ? buffer.length : end + 4) - at;
    if (length > limits.headBytes) throw new ProtocolError('RequestHeadersTooLarge', `a head of more than ${limits.headBytes} bytes`);
    if (end < 0) {
      this.#checkBegun(buffer, at);
      if (!this.#reading) {
        this.#reading = true;
        this.#since = this.#owner.clock();
      }
      this.#rest.append(buffer.subarray(at));
      return buffer.length;
    }
    this.#reading = false;
    this.#first = false;
    const head = readRequestHead(buffer.toString('latin1', at, end + 4), limits);
    if (limits.bodyBytes > 0 && head.bodyLength > limits.bodyBytes)
      throw new ProtocolError('BodyTooLarge', `a body of ${head.bodyLength} bytes`);
    return this.#begin(head, buffer, end + 4);
  }

  /** The connection is another's from here on: it is read no more, and what was read is handed over. */
  #turnToHttp2(buffer: Buffer): void {
    const { socket } = this;
    socket.pause();
    (socket as Owned)[OWNER] = undefined;
    for (const [event, listener] of LISTENERS) socket.off(event, listener);
    receiveNoMore(socket, onData);
    this.#state = CLOSING;
    this.#owner.turnToHttp2(this, Buffer.from(buffer));
  }

  /** Whether a head that is not whole yet can become one: a client that ends lines with LF only would wait for an answer for ever. */
  #checkBegun(buffer: Buffer, at: number): void {
    const first = buffer[at] as number;
    if (first !== 13 && (first < 33 || first > 126)) throw new ProtocolError('BadRequest', 'not HTTP (TLS on a plain port, perhaps)');
    for (let i = buffer.indexOf(10, at); i >= 0; i = buffer.indexOf(10, i + 1))
      if (i === at || buffer[i - 1] !== 13) throw new ProtocolError('BadRequest', 'a line that does not end in CR LF');
    for (let i = buffer.indexOf(13, at); i >= 0 && i + 1 < buffer.length; i = buffer.indexOf(13, i + 1))
      if (buffer[i + 1] !== 10) throw new ProtocolError('BadRequest', 'a bare CR');
  }

  /** A request has come: what is there of its body is read first, so that a small request goes to the pod in one piece. */
  #begin(head: RequestHead, buffer: Buffer, at: number): number {
    this.#request = head;
    this.#bodyBytes = 0;
    this.#body.begin(head.bodyLength);
    this.#state = head.bodyLength === 0 ? ANSWERING : BODY;
    this.#since = this.#owner.clock();
    const exchange = this.#owner.begin(this, head);
    if (!exchange) return at;
    this.#exchange = exchange;
    let end = at;
    if (head.bodyLength === 0) exchange.bodyEnd(undefined);
    else if (buffer.length - at <= WITH_HEAD_BYTES) end = this.#readBody(buffer, at);
    if (this.#exchange === exchange) exchange.admit();
    return end;
  }

  #readBody(buffer: Buffer, at: number): number {
    this.#since = this.#owner.clock();
    const end = this.#body.read(buffer, at, this);
    if (this.#body.done) {
      this.#state = ANSWERING;
      this.#exchange?.bodyEnd(this.#body.trailers);
    }
    return end;
  }

  bodyData(chunk: Buffer): void {
    this.#bodyBytes += chunk.length;
    const limit = this.#owner.limits.bodyBytes;
    if (limit > 0 && this.#bodyBytes > limit) throw new ProtocolError('BodyTooLarge', `a body of more than ${limit} bytes`);
    this.#pauseUnless(this.#exchange?.bodyData(chunk) ?? true);
  }

  #pauseUnless(room: boolean): void {
    if (!room) this.pauseBody();
  }

  /** Ends the connection so that the last answer arrives: our half first, then what the client still sends is read away for a while. */
  #close(): void {
    if (this.#state === CLOSING) return;
    this.#state = CLOSING;
    this.#since = this.#owner.clock();
    this.#rest.take();
    this.#paused = false;
    if (this.socket.destroyed) return;
    this.socket.end();
    this.socket.resume();
  }

  ended(): void {
    if (this.#state === TURNED_OVER) this.#exchange?.bodyEnd(undefined);
    else if (this.#exchange) {
      // As nginx and Go have it: who closes its half before the answer has left.
      this.socket.destroy();
    } else this.socket.end();
    if (this.#state === CLOSING) this.socket.destroy();
  }

  drained(): void {
    this.#exchange?.clientDrained();
  }

  gone(): void {
    this.#owner.closed(this);
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.clientLeft();
  }

  /** Answers what never became an exchange; the connection closes, for what follows cannot be told from garbage. */
  answerBroken(head: ResponseHead, body: Buffer, extras: AnswerExtras): void {
    if (this.#state === CLOSING || this.socket.destroyed) return;
    this.#out.push(answerHead(head, extras, { chunked: false, close: true, minor: 1 }));
    this.#out.push(body);
    this.flush();
    this.#close();
  }
}

type Owned = Socket & { [OWNER]?: ClientConnection | undefined };

// One function for all connections: five closures a connection are 400 bytes, and there may be ten thousand idle ones.
function onData(this: Socket, chunk: Buffer): void {
  (this as Owned)[OWNER]?.received(chunk);
}
function onEnd(this: Socket): void {
  (this as Owned)[OWNER]?.ended();
}
function onDrain(this: Socket): void {
  (this as Owned)[OWNER]?.drained();
}
function onError(): void {
  // 'close' follows.
}
function onClose(this: Socket): void {
  (this as Owned)[OWNER]?.gone();
}

const LISTENERS = [
  ['end', onEnd],
  ['drain', onDrain],
  ['error', onError],
  ['close', onClose],
] as const;
