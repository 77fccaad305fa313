import type { Socket } from 'node:net';
import { receive, receiveNoMore } from '../../common/net/direct-read.ts';
import { BodyBytes } from './body-bytes.ts';

/** What the bridge answers each response with, head and body in one piece. */
const ACCEPTED = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n';
const NEXT = 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n';
const RESPONSE = /^POST \/2018-06-01\/runtime\/invocation\/([\w-]+)\/response HTTP\/1\.1\r\n/;
const LENGTH = /\r\ncontent-length:[ \t]*(\d{1,8})[ \t]*\r\n/i;
const CONTENT_TYPE = /\r\ncontent-type:[ \t]*([^\r]*?)[ \t]*\r\n/i;
/** Whatever makes a request more than a body of known length: chunks, modes, expectations, a connection that is to end, a folded line. */
const UNUSUAL = /\r\n(transfer-encoding:|expect:|upgrade:|connection:(?![ \t]*keep-alive[ \t]*\r)|lambda-runtime-function-|[ \t])/i;

export interface ConnectionEvents {
  /** It waits for an event, which `hand` gives it. */
  next(connection: RuntimeConnection): void;
  /** Whether the response to this invocation may come now. */
  begins(id: string): boolean;
  response(body: Buffer, contentType: string): void;
  /** The connection broke off in the middle of a response. */
  truncated(): void;
  /** Somebody else is to read from here on: `read` are bytes that were, from the beginning of a request. */
  unusual(socket: Socket, read: Buffer): void;
}

/** A request as it stands in its first bytes. */
export type Usual = { kind: 'next'; end: number } | { kind: 'response'; id: string; end: number; length: number; contentType: string };

/**
 * Reads the head of one of the two requests of which a warm invocation consists, as AWS's clients send them. Undefined for anything else, and for a head that has not
 * come whole.
 */
export function readUsual(text: string): Usual | undefined {
  const end = text.indexOf('\r\n\r\n') + 4;
  if (end < 4) return undefined;
  const head = end === text.length ? text : text.slice(0, end);
  if (UNUSUAL.test(head)) return undefined;
  const length = LENGTH.exec(head)?.[1];
  if (head.startsWith(NEXT)) return length === undefined || length === '0' ? { kind: 'next', end } : undefined;
  const id = RESPONSE.exec(head)?.[1];
  if (id === undefined || length === undefined || LENGTH.test(head.slice(head.search(LENGTH) + 2))) return undefined;
  return { kind: 'response', id, end, length: Number(length), contentType: CONTENT_TYPE.exec(head)?.[1] ?? 'application/json' };
}

/** The longest head that is looked into here. */
const MAX_HEAD_BYTES = 8192;

/**
 * A connection of a runtime, read without node:http: of what the bridge does for a warm invocation that was the largest part. It knows `next` and a response in one piece;
 * with anything else the connection is handed on, at the beginning of a request, and node:http takes it from there.
 */
export class RuntimeConnection {
  readonly socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #maxBytes: number;
  /** What came and is not read yet. */
  #rest: Buffer | undefined;
  /** Of the response that comes. */
  #body: BodyBytes | undefined;
  #contentType = '';
  #isWaiting = false;
  readonly #onData = (chunk: Buffer): void => this.#read(chunk);
  readonly #onClose = (): void => this.#closed();

  constructor(socket: Socket, maxBytes: number, events: ConnectionEvents) {
    this.socket = socket;
    this.#maxBytes = maxBytes;
    this.#events = events;
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
    receive(socket, this.#onData);
    socket.resume();
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  /** Answers `next`. */
  hand(head: string, event: string | Buffer): void {
    this.#isWaiting = false;
    if (typeof event === 'string') {
      const text = head + event;
      this.socket.write(text, NOT_ASCII.test(text) ? 'utf8' : 'latin1');
    } else {
      this.socket.cork();
      this.socket.write(head);
      this.socket.write(event);
      this.socket.uncork();
    }
    this.#readRest();
  }

  /** @param chunk valid during the call only */
  #read(chunk: Buffer): void {
    if (this.#body) this.#more(this.#body, chunk);
    else if (this.#isWaiting || this.#rest) this.#rest = Buffer.concat(this.#rest ? [this.#rest, chunk] : [chunk]);
    else this.#request(chunk);
  }

  #request(bytes: Buffer): void {
    const usual = readUsual(bytes.toString('latin1', 0, Math.min(bytes.length, MAX_HEAD_BYTES)));
    if (!usual || (usual.kind === 'response' && (usual.length > this.#maxBytes || !this.#events.begins(usual.id)))) {
      this.#handOn(bytes);
      return;
    }
    if (usual.kind === 'next') {
      this.#isWaiting = true;
      this.#keep(bytes, usual.end);
      this.#events.next(this);
      return;
    }
    this.#contentType = usual.contentType;
    this.#body = new BodyBytes(usual.length);
    this.#more(this.#body, bytes.subarray(usual.end));
  }

  #more(body: BodyBytes, chunk: Buffer): void {
    const taken = body.append(chunk);
    if (!body.isWhole) return;
    this.#body = undefined;
    this.#keep(chunk, taken);
    this.#events.response(body.bytes, this.#contentType);
    this.socket.write(ACCEPTED, 'latin1');
    this.#readRest();
  }

  #keep(chunk: Buffer, from: number): void {
    this.#rest = chunk.length > from ? Buffer.from(chunk.subarray(from)) : undefined;
  }

  #readRest(): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest && !this.socket.destroyed) this.#request(rest);
  }

  #handOn(bytes: Buffer): void {
    const { socket } = this;
    socket.off('close', this.#onClose);
    socket.off('error', ignore);
    socket.pause();
    receiveNoMore(socket, this.#onData);
    this.#events.unusual(socket, Buffer.from(bytes));
  }

  #closed(): void {
    if (this.#body) this.#events.truncated();
  }
}

const NOT_ASCII = /[\u0080-\uffff]/;

/** Whatever is wrong with a connection, its close says it. */
function ignore(): void {}
