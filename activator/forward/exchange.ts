import { pathOf } from '../../common/path-of.ts';
import type { ErrorCode } from '../errors.ts';
import { ERRORS } from '../errors.ts';
import type { Admitted, FunctionState } from '../function-state.ts';
import type { Held, HoldQueue } from '../hold/hold-queue.ts';
import { ONE_SEGMENT_BYTES, type ProtocolError, type RequestHead, type ResponseHead } from '../http1/message.ts';
import type { Pod } from '../pods/pod.ts';
import type { Route } from '../routing/route.ts';
import { answerWithError } from './answer-error.ts';
import type { ExchangeContext } from './context.ts';
import type { ReadyAnswer } from './fixed-answer.ts';
import type { ClientSide, PodSide, RequestSink } from './sides.ts';

/** Over the function's own time limit, so that the bridge's own answer (504, with the child ended) wins where there is a bridge. */
const TIMEOUT_MARGIN_MILLIS = 1000;
const CONNECT_MILLIS = 3000;
/** Of a request that is held so much of the body is kept, then TCP holds the client back. */
const MAX_KEPT_BODY_BYTES = 65_536;

/** A connection to a pod that is being made. */
export interface Connecting {
  forget(): void;
  giveUp(): void;
}

/** Phases of an exchange. */
const WAITING = 0;
const CONNECTING = 1;
const SENT = 2;
const ANSWERING = 3;
/** The client has left, the handler runs on. */
const LEFT = 4;
const DONE = 5;

/**
 * One request on its way, whatever the protocol on either side: held, then forwarded to a pod, streaming both ways, then accounted for. A request costs this
 * one object, no promise, no timer and no closure.
 */
export class Exchange implements Admitted, RequestSink {
  heldPrevious: Held | undefined;
  heldNext: Held | undefined;
  heldIn: HoldQueue | undefined;
  readonly client: ClientSide;
  readonly request: RequestHead;
  readonly fn: FunctionState;
  readonly route: Route;
  readonly requestId: string;
  readonly context: ExchangeContext;
  readonly arrived: number;
  /** Status of the answer; 0 before it begins. */
  status = 0;
  errorCode: ErrorCode | undefined;
  bytesIn = 0;
  bytesOut = 0;
  pod: Pod | undefined;
  /** When it was first given a pod; NaN before. */
  started = Number.NaN;
  firstByte = Number.NaN;
  /** It had to wait for a slot. */
  held = false;
  #phase = WAITING;
  #side: PodSide | undefined;
  #connecting: Connecting | undefined;
  /** The next moment at which it is too late for something: to be held, to be connected, to begin its answer. */
  #deadline: number;
  /** Body that came before there was a pod to send it to, or that may have to be sent again. */
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #bodyKept = true;
  #bodyEnded = false;
  #trailers: string[] | undefined;

  constructor(client: ClientSide, request: RequestHead, fn: FunctionState, route: Route, requestId: string, context: ExchangeContext) {
    this.client = client;
    this.request = request;
    this.fn = fn;
    this.route = route;
    this.requestId = requestId;
    this.context = context;
    this.arrived = context.clock();
    this.#deadline = this.arrived + context.holdMillis;
    context.open.add(this);
    context.begun?.(this);
  }

  /** The pod is spoken to by HTTP/2: its function says so, or it is gRPC, which there is no other way for. */
  get byHttp2(): boolean {
    return this.request.isGrpc || this.fn.spec.http2;
  }

  get isEvent(): boolean {
    return this.route.isEvent === true;
  }

  get holdDeadline(): number {
    return this.arrived + this.context.holdMillis;
  }

  // From the client.

  /** The head and what came with it are there: on its way. */
  admit(): void {
    if (this.#phase !== WAITING) return;
    const fixed = this.fn.answers?.get(pathOf(this.route.target));
    if (fixed && !this.isEvent) this.#answerWith(fixed);
    else this.fn.admit(this);
  }

  divert(page: ReadyAnswer): boolean {
    const { method } = this.request;
    if (method !== 'GET' && method !== 'HEAD') return false;
    this.#answerWith(page);
    return true;
  }

  #answerWith({ head, body }: ReadyAnswer): void {
    const isHead = this.request.method === 'HEAD';
    this.status = head.status;
    this.client.answer(isHead ? { ...head, bodyLength: 0 } : head, this.#extras(), !this.#bodyEnded);
    if (!isHead && body.length > 0) this.client.answerData(body);
    this.#finish();
    this.client.answerEnd(undefined);
  }

  /** @param chunk valid during the call only; false when no more can be taken for now */
  bodyData(chunk: Buffer): boolean {
    this.bytesIn += chunk.length;
    if (this.#side) {
      if (this.#bodyKept && this.#phase === SENT && this.#bodyBytes + chunk.length <= ONE_SEGMENT_BYTES) this.#keep(chunk);
      else this.#bodyKept = false;
      return this.#side.body(chunk);
    }
    if (this.#phase === DONE) return true;
    this.#keep(chunk);
    return this.#bodyBytes < MAX_KEPT_BODY_BYTES && this.fn.keptBytes.hasRoom && this.context.keptBytes.hasRoom;
  }

  bodyEnd(trailers: string[] | undefined): void {
    this.#bodyEnded = true;
    this.#trailers = trailers;
    this.#side?.bodyEnd(trailers);
  }

  /** The client took what it had been sent. */
  clientDrained(): void {
    this.#side?.resume();
  }

  /**
   * The client left. A server that works on its request is told by the end of the connection, and its place is free at once. A handler cannot be told, and runs to
   * its end as on AWS: its slot is taken until then, or the next request would be refused by a pod that is full (503 OverConcurrency).
   */
  clientLeft(): void {
    if (this.#phase === DONE || this.#phase === LEFT) return;
    // An upgraded connection ends by one side leaving; anything else is a client that did not wait (499, as nginx counts it).
    if (this.status !== 101) this.status = 499;
    const runs = this.fn.spec.protocol === 'lambda' && this.#side !== undefined && this.#bodyEnded;
    if (!runs || this.status === 101) {
      this.#end();
      return;
    }
    this.#phase = LEFT;
    this.#forgetBody();
    this.#deadline = this.started + this.fn.timeoutMillis(this.pod as Pod) + TIMEOUT_MARGIN_MILLIS;
    // It may have been waiting for the client to take what there was.
    this.#side?.resume();
  }

  /** The client stopped sending in the middle of its request. */
  clientStalled(): void {
    this.#fail('RequestTimeout');
  }

  /** What the client sent in the middle of its request is not HTTP. */
  clientBroke(error: ProtocolError): void {
    this.#fail(error.code, error.message);
  }

  // From the function's state.

  /** There is a slot for this request in that pod. */
  start(pod: Pod): void {
    const now = this.context.clock();
    if (Number.isNaN(this.started)) {
      this.started = now;
      if (now - this.arrived > 1) this.held = true;
    }
    this.pod = pod;
    this.#phase = CONNECTING;
    this.#deadline = now + CONNECT_MILLIS;
    this.#connecting = pod.send(this);
  }

  refuse(code: ErrorCode, detail?: string): void {
    this.errorCode = code;
    this.#answerError(code, detail);
    this.#finish();
  }

  giveWay(): void {
    if (this.fn.leave(this)) this.refuse('TooManyHeld');
  }

  /** Looked at a few times a second instead of a timer a request. */
  checkDeadline(now: number): void {
    if (now < this.#deadline) return;
    if (this.heldIn) {
      if (this.fn.leave(this)) this.refuse('HoldTimeout');
    } else if (this.#phase === CONNECTING) this.#connecting?.giveUp();
    else if (this.#phase === SENT) this.#fail('FunctionTimeout');
    else if (this.#phase === LEFT) this.#end();
  }

  // From the pod's side.

  /** The connection stands: here is what there is of the request's body. */
  podReady(side: PodSide): void {
    this.#side = side;
    this.#connecting = undefined;
    this.#phase = SENT;
    this.#deadline = this.context.clock() + this.fn.timeoutMillis(this.pod as Pod) + TIMEOUT_MARGIN_MILLIS;
    for (const chunk of this.#body) side.body(chunk);
    if (this.#bodyBytes > ONE_SEGMENT_BYTES) {
      this.#forgetBody();
      this.#bodyKept = false;
    }
    if (this.#bodyEnded) side.bodyEnd(this.#trailers);
    else this.client.resumeBody();
  }

  /** The request certainly reached no handler. @param stale a connection was used again that the server had closed; else none could be made */
  podUnreached(stale: boolean): void {
    if (this.#phase === DONE) return;
    const now = this.context.clock();
    const pod = this.pod as Pod;
    this.#side = undefined;
    this.#connecting = undefined;
    if (this.#phase === LEFT) this.#finish();
    else if (stale && !this.#bodyKept) this.podFailed('closed');
    else if (now >= this.holdDeadline) this.#fail('HoldTimeout');
    else {
      this.#phase = WAITING;
      this.#deadline = this.holdDeadline;
      this.pod = undefined;
      this.held = true;
      if (!stale) pod.eject();
      this.fn.readmit(this, pod);
    }
  }

  /** The pod took the connection and does not speak HTTP/2: it never had a request. */
  podGreetedOtherwise(): void {
    this.#connecting = undefined;
    this.#fail('PodSpeaksNoHttp2');
  }

  podInformational(head: ResponseHead): void {
    if (this.#phase === SENT && (head.status !== 100 || this.request.expectsContinue)) this.client.informational(head);
  }

  podHead(head: ResponseHead): void {
    if (this.#phase !== SENT) return;
    this.#answers(head);
    this.client.answer(head, this.#extras(), !this.#bodyEnded);
  }

  /** The pod answered 101: from here on bytes go both ways untouched. */
  podTurnedOver(head: ResponseHead): void {
    if (this.#phase !== SENT) return;
    this.#answers(head);
    this.client.turnOver(head, this.#extras());
  }

  podData(chunk: Buffer): void {
    if (this.#phase !== ANSWERING) return;
    this.bytesOut += chunk.length;
    this.client.answerData(chunk);
  }

  /** The pod's side has handed over all that it read. */
  flushAnswer(): void {
    if (this.#phase === ANSWERING && !this.client.flush()) this.#side?.pause();
  }

  podEnd(trailers: string[] | undefined): void {
    if (this.#phase === LEFT) this.#finish();
    if (this.#phase !== ANSWERING) return;
    this.#side = undefined;
    const { client } = this;
    if (this.status === 101) client.finishTurnedOver();
    // Accounted for and its slot given on before the client can send its next request.
    this.#finish();
    if (this.status !== 101) client.answerEnd(trailers);
  }

  /** The connection broke after the request was sent: whether it ran is not known. */
  podFailed(_why: string): void {
    if (this.#phase === DONE) return;
    this.pod?.broke();
    this.#side = undefined;
    this.#fail('PodUnreachable');
  }

  podAnswerBroken(detail: string): void {
    this.#side = undefined;
    this.#fail('PodAnswerBroken', detail);
  }

  /** The pod takes more of the request's body. */
  podDrained(): void {
    this.client.resumeBody();
  }

  // Ends.

  #answers(head: ResponseHead): void {
    this.#phase = ANSWERING;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.status = head.status;
    this.firstByte = this.context.clock();
    this.#forgetBody();
    this.pod?.answered();
  }

  #extras() {
    return { requestId: this.requestId, serverTiming: this.held ? this.#serverTiming() : undefined };
  }

  #serverTiming(): string {
    const cold = this.fn.coldStart;
    const now = this.firstByte;
    return cold && this.arrived <= (cold.claimed ?? cold.announced ?? 0)
      ? cold.serverTiming(this.arrived, now)
      : `hold;dur=${(this.started - this.arrived).toFixed(1)}, handler;dur=${(now - this.started).toFixed(1)}`;
  }

  /** Answers with an error if the answer has not begun, else breaks it off. */
  #fail(code: ErrorCode, detail?: string): void {
    if (this.#phase === DONE) return;
    if (this.#phase === LEFT) {
      this.#end();
      return;
    }
    this.errorCode = code;
    if (this.#phase === ANSWERING) {
      const { client } = this;
      this.#end();
      client.abort();
    } else {
      this.#end(code, detail);
    }
  }

  #answerError(code: ErrorCode, detail?: string): void {
    this.status = ERRORS[code].status;
    answerWithError(this.client, code, { requestId: this.requestId, detail, close: !this.#bodyEnded, isGrpc: this.request.isGrpc });
  }

  /** Wherever it is on its way: out of there. @param code to answer with, if anything is to be answered */
  #end(code?: ErrorCode, detail?: string): void {
    const side = this.#side;
    if (this.heldIn) this.fn.leave(this);
    this.#connecting?.forget();
    if (code) this.#answerError(code, detail);
    this.#finish();
    side?.abort();
  }

  #finish(): void {
    if (this.#phase === DONE) return;
    const { pod } = this;
    this.#phase = DONE;
    this.#side = undefined;
    this.#forgetBody();
    this.context.open.delete(this);
    this.context.finished(this);
    if (pod) this.fn.release(pod);
  }

  #keep(chunk: Buffer): void {
    this.#body.push(Buffer.from(chunk));
    this.#bodyBytes += chunk.length;
    this.fn.keptBytes.add(chunk.length);
    this.context.keptBytes.add(chunk.length);
  }

  #forgetBody(): void {
    if (this.#bodyBytes === 0) return;
    this.fn.keptBytes.add(-this.#bodyBytes);
    this.context.keptBytes.add(-this.#bodyBytes);
    this.#body = [];
    this.#bodyBytes = 0;
  }
}
