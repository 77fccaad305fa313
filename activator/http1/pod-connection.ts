import { connect, type Socket } from 'node:net';
import { READ_BUFFER } from '../../common/net/read-buffer.ts';
import type { Exchange } from '../forward/exchange.ts';
import { requestHead } from '../forward/request-head.ts';
import type { PodSide } from '../forward/sides.ts';
import { BodyReader, type BodySink } from './body-reader.ts';
import { CHUNKED, HEAD_END, type HeadLimits, ONE_SEGMENT_BYTES, ProtocolError } from './message.ts';
import { Outbox } from './outbox.ts';
import type { PodConnections } from './pod-connections.ts';
import { readResponseHead } from './response-head.ts';
import { Rest } from './rest.ts';

/** What is taken of an answer's head; twice a request's, since servers are less of a danger than strangers. */
const LIMITS: HeadLimits = { headBytes: 131_072, fields: 512, requestLineBytes: 8192 };
const MAX_INTERIM_ANSWERS = 64;

/** How long a reset may take to follow the end of a connection that was closed before our request came. */
const RESET_WAIT_MILLIS = 5;

const CONNECTING = 0;
const IDLE = 1;
const HEAD = 2;
const BODY = 3;
const TURNED_OVER = 4;
const CLOSED = 5;

/** One connection to a pod: carries one request after the other, never two at once, since whoever waits behind another's answer would not be least loaded. */
export class PodConnection implements PodSide, BodySink {
  /** Until when it may be used again, on the activator's clock: well before the server closes it. */
  reusableUntil = 0;
  readonly #pool: PodConnections;
  readonly #socket: Socket;
  readonly #out = new Outbox();
  readonly #rest = new Rest();
  readonly #body = new BodyReader();
  #state = CONNECTING;
  #exchange: Exchange | undefined;
  #gathering = false;
  #chunkedRequest = false;
  #requestEnded = false;
  #used = 0;
  #writtenBefore = 0;
  #keepAlive = true;
  #keepAliveSeconds: number | undefined;
  #interim = 0;
  #ended = false;
  #probing = false;

  constructor(pool: PodConnections, exchange: Exchange) {
    this.#pool = pool;
    this.#exchange = exchange;
    const socket = connect({
      host: pool.ip,
      port: pool.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      allowHalfOpen: true,
      onread: { buffer: READ_BUFFER, callback: (bytes) => this.#received(bytes) },
    });
    this.#socket = socket;
    socket.once('connect', () => this.#connected());
    socket.on('end', () => this.#end());
    socket.on('drain', () => this.#exchange?.podDrained());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error.code ?? error.message));
    socket.on('close', () => this.#failed('closed'));
  }

  /** Whether another request may be sent on it. */
  reusable(now: number): boolean {
    return this.#state === IDLE && now < this.reusableUntil && !this.#socket.destroyed;
  }

  /** Sends a request: its head, and what is there of its body, in one piece. */
  begin(exchange: Exchange): void {
    const { request } = exchange;
    this.#exchange = exchange;
    this.#state = HEAD;
    this.#interim = 0;
    this.#requestEnded = false;
    this.#chunkedRequest = request.bodyLength === CHUNKED;
    this.#writtenBefore = this.#socket.bytesWritten;
    this.#out.push(requestHead(exchange));
    this.#gathering = true;
    exchange.podReady(this);
    this.#gathering = false;
    this.#out.flush(this.#socket);
  }

  // What the exchange does with the pod.

  body(given: Buffer): boolean {
    const chunk = this.#probing ? Buffer.from(given) : given;
    if (this.#state === TURNED_OVER || !this.#chunkedRequest) this.#out.push(chunk);
    else this.#out.pushChunk(chunk);
    // While it is found out whether the request arrived, nothing more is sent that could blur it.
    return this.#gathering || this.#probing || this.#out.flush(this.#socket);
  }

  bodyEnd(trailers: string[] | undefined): void {
    if (this.#state === TURNED_OVER) {
      this.#socket.end();
      return;
    }
    this.#requestEnded = true;
    if (this.#chunkedRequest) this.#out.pushLastChunk(trailers);
    if (!this.#gathering && !this.#probing) this.#out.flush(this.#socket);
  }

  abort(): void {
    this.#exchange = undefined;
    this.#close();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  // The connection's own life.

  #connected(): void {
    const exchange = this.#exchange;
    if (this.#state !== CONNECTING) return;
    this.#state = IDLE;
    if (exchange) this.begin(exchange);
    else this.#rests();
    this.#pool.connected();
  }

  /** Nobody waits for this connection any longer; it may serve others once it stands. */
  forget(): void {
    this.#exchange = undefined;
  }

  /** It takes too long to be made. */
  giveUp(): void {
    this.#failed('no connection in time');
  }

  #received(bytes: number): boolean {
    const chunk = READ_BUFFER.subarray(0, bytes);
    try {
      if (this.#rest.length > 0) {
        this.#rest.append(chunk);
        this.#read(this.#rest.take());
      } else this.#read(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#answerBroken(error.message);
    }
    return true;
  }

  #read(buffer: Buffer): void {
    const exchange = this.#exchange;
    let at = 0;
    while (at < buffer.length) {
      if (this.#state === HEAD) {
        at = this.#readHead(buffer, at);
        if (at < 0) break;
      } else if (this.#state === BODY) {
        at = this.#body.read(buffer, at, this);
        if (this.#body.done) this.#answered(at === buffer.length);
      } else if (this.#state === TURNED_OVER) {
        this.#exchange?.podData(buffer.subarray(at));
        at = buffer.length;
      } else {
        // Bytes that nobody asked for.
        this.#close();
        break;
      }
    }
    exchange?.flushAnswer();
  }

  /** Returns where the head ended, or -1 when it is not whole. */
  #readHead(buffer: Buffer, at: number): number {
    const end = buffer.indexOf(HEAD_END, at);
    if ((end < 0 ? buffer.length : end) - at > LIMITS.headBytes) throw new ProtocolError('PodAnswerBroken', 'a head that is too long');
    if (end < 0) {
      this.#rest.append(buffer.subarray(at));
      return -1;
    }
    const exchange = this.#exchange as Exchange;
    const head = readResponseHead(buffer.toString('latin1', at, end + 4), exchange.request.method, LIMITS);
    if (head.status === 101) {
      if (exchange.request.upgrade === undefined) throw new ProtocolError('PodAnswerBroken', 'an upgrade that nobody asked for');
      this.#state = TURNED_OVER;
      this.#keepAlive = false;
      exchange.podTurnedOver(head);
    } else if (head.status < 200) {
      if (++this.#interim > MAX_INTERIM_ANSWERS) throw new ProtocolError('PodAnswerBroken', 'interim answers without end');
      exchange.podInformational(head);
    } else {
      // Servers that end a connection without having said so do it after an error (uvicorn, after an exception): the next request would meet the end half way, and whether it
      // ran could not be told.
      this.#keepAlive = head.keepAlive && head.status < 500;
      this.#keepAliveSeconds = head.keepAliveSeconds;
      this.#body.begin(head.bodyLength);
      this.#state = BODY;
      exchange.podHead(head);
      if (this.#body.done && this.#state === BODY) this.#answered(end + 4 === buffer.length);
    }
    return end + 4;
  }

  bodyData(chunk: Buffer): void {
    this.#exchange?.podData(chunk);
  }

  /** @param clean nothing followed the answer: what follows would be taken for the next one's (GHSA-35p6-xmwp-9g52) */
  #answered(clean: boolean): void {
    const exchange = this.#exchange;
    const { trailers } = this.#body;
    const reusable = clean && this.#keepAlive && this.#requestEnded && !this.#ended;
    // Back in the pool before the exchange ends: the next request that waits may go out on it at once.
    if (reusable) this.#rests();
    else this.#state = CLOSED;
    if (!reusable) this.#exchange = undefined;
    exchange?.podEnd(trailers);
    if (!reusable) this.#close();
  }

  #rests(): void {
    this.#exchange = undefined;
    this.#state = IDLE;
    this.#used += 1;
    this.#pool.rests(this, this.#keepAliveSeconds);
  }

  #end(): void {
    this.#ended = true;
    if (this.#state === BODY && this.#body.endsWithConnection) {
      this.#keepAlive = false;
      this.#answered(true);
    } else if (this.#state === TURNED_OVER) this.#exchange?.podEnd(undefined);
    else if (this.#state === HEAD && this.#used > 0 && this.#rest.length === 0 && this.#sentOneSegment) this.#probe();
    else this.#failed('ended');
  }

  /** All of the request that was written, in one segment. */
  get #sentOneSegment(): boolean {
    return this.#socket.bytesWritten - this.#writtenBefore <= ONE_SEGMENT_BYTES;
  }

  /**
   * The connection has ended without a byte of an answer to a request on a connection that was used before. Was it closed while idle, so that the request came
   * too late and never reached a handler? Then the pod's kernel has answered the request with a reset, and writing to the connection fails (EPIPE). Or was the
   * request read, and the server died of it? Then there was no reset, for nothing had come to a closed socket yet, and writing works. Holds for a request of
   * one segment only: of several, a server may have read the first.
   */
  #probe(): void {
    this.#probing = true;
    setTimeout(() => {
      if (this.#state !== HEAD || this.#socket.destroyed) return;
      // An error is told by the event as well.
      this.#socket.write('\r\n', (error) => {
        if (error) return;
        this.#probing = false;
        this.#failed('ended');
      });
    }, RESET_WAIT_MILLIS);
  }

  /** The request certainly never reached a handler. */
  #stale(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#close();
    exchange?.podUnreached(true);
  }

  #failed(why: string): void {
    const state = this.#state;
    if (state === CLOSED) return;
    const exchange = this.#exchange;
    // EPIPE when reading: the connection's end came before the reset (tcp_reset() in Linux), see #probe.
    const isStale = this.#probing || (why === 'EPIPE' && this.#used > 0 && this.#rest.length === 0 && this.#sentOneSegment);
    if (state === HEAD && isStale) {
      this.#stale();
      return;
    }
    this.#exchange = undefined;
    this.#close();
    if (state === CONNECTING) exchange?.podUnreached(false);
    else exchange?.podFailed(why);
  }

  #answerBroken(detail: string): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#close();
    exchange?.podAnswerBroken(detail);
  }

  #close(): void {
    if (this.#state === CLOSED && this.#socket.destroyed) return;
    const wasConnecting = this.#state === CONNECTING;
    this.#state = CLOSED;
    this.#socket.destroy();
    this.#pool.gone(this);
    if (wasConnecting) this.#pool.connected();
  }

  /** Closes it when nothing is under way on it. */
  closeIfIdle(): void {
    if (this.#state === IDLE || this.#state === CONNECTING) this.#close();
  }
}
