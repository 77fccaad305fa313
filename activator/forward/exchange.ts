import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { answerError, type ErrorCode } from '../errors.ts';
import type { Admitted, FunctionState } from '../function-state.ts';
import type { Held, HoldQueue } from '../hold-queue.ts';
import type { FunctionMetrics } from '../metrics.ts';
import type { Pod } from '../pods/pod.ts';
import type { Route } from '../routing/route.ts';
import { requestHeaders, responseHeaders } from './headers.ts';

/** What every exchange shares. */
export interface ExchangeContext {
  clock: Clock;
  /** Exchanges that are held or running, for deadlines and for draining. */
  open: Set<Exchange>;
  holdMillis: number;
}

/** Over the function's own time limit, so that the bridge's own answer (504, with the child ended) wins where there is a bridge. */
const TIMEOUT_MARGIN_MILLIS = 1000;

/**
 * One request on its way: held, then forwarded to a pod, streaming both ways. It is its own undici handler, so a request costs one object and no closure
 * but for its close listener.
 */
export class Exchange implements Admitted, Dispatcher.DispatchHandler {
  heldPrevious: Held | undefined;
  heldNext: Held | undefined;
  heldIn: HoldQueue | undefined;
  holdDeadline: number;
  /** When the answer must have begun; infinite while held. */
  answerDeadline = Number.POSITIVE_INFINITY;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #fn: FunctionState;
  readonly #route: Route;
  readonly #context: ExchangeContext;
  readonly #metrics: FunctionMetrics;
  readonly #requestId: string;
  readonly #arrived: number;
  #pod: Pod | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #held = false;
  #sent = false;
  #done = false;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    fn: FunctionState,
    route: Route,
    requestId: string,
    metrics: FunctionMetrics,
    context: ExchangeContext,
  ) {
    this.#req = req;
    this.#res = res;
    this.#fn = fn;
    this.#route = route;
    this.#requestId = requestId;
    this.#metrics = metrics;
    this.#context = context;
    this.#arrived = context.clock();
    this.holdDeadline = this.#arrived + context.holdMillis;
    context.open.add(this);
    res.on('close', () => this.#clientClosed());
  }

  /** Called by the function's state when a pod has a slot for this request. */
  start(pod: Pod): void {
    this.#pod = pod;
    this.#sent = false;
    const now = this.#context.clock();
    if (now - this.#arrived > 1) this.#held = true;
    this.answerDeadline =
      now + (this.#fn.revisions.get(pod.revision)?.timeoutSeconds ?? this.#fn.spec.timeoutSeconds) * 1000 + TIMEOUT_MARGIN_MILLIS;
    const req = this.#req;
    const hasBody =
      req.headers['content-length'] !== undefined ? req.headers['content-length'] !== '0' : req.headers['transfer-encoding'] !== undefined;
    try {
      pod.pool.dispatch(
        {
          path: this.#route.target,
          method: req.method as Dispatcher.HttpMethod,
          headers: requestHeaders(req.rawHeaders, req.headers.connection, {
            clientAddress: req.socket.remoteAddress ?? 'unknown',
            host: req.headers.host,
            requestId: this.#requestId,
            prefix: this.#route.prefix,
          }),
          body: hasBody ? req : null,
        },
        this,
      );
    } catch {
      // undici refuses what no server should be sent: a path or header with forbidden characters.
      this.#finish('BadRequest');
    }
  }

  refuse(code: ErrorCode): void {
    this.#done = true;
    this.#context.open.delete(this);
    this.#metrics.error(code);
    answerError(this.#res, code, this.#requestId);
  }

  /** Looked at a few times a second instead of a timer a request. */
  checkDeadline(now: number): void {
    if (this.heldIn) {
      if (now >= this.holdDeadline && this.#fn.leave(this)) this.refuse('HoldTimeout');
    } else if (now >= this.answerDeadline && !this.#done && !this.#res.headersSent) {
      this.#abandon('FunctionTimeout', 'FunctionTimeout');
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#sent = true;
    this.#controller = controller;
    if (this.#res.destroyed) controller.abort(new Error('client closed'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#done) return;
    if (status < 200) {
      if (status === 103) this.#earlyHints(controller);
      return;
    }
    const now = this.#context.clock();
    const raw = (controller.rawHeaders ?? []) as (Buffer | string)[];
    this.#metrics.started(status, now - this.#arrived, this.#held);
    this.#res.writeHead(status, responseHeaders(raw, this.#requestId, this.#serverTiming(now)));
    // So that an answer which comes in pieces begins at once; a short one still goes out in one write with its head.
    if (raw.length > 0 && this.#req.method === 'HEAD') this.#res.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#done || this.#res.destroyed) return;
    if (this.#res.write(chunk)) return;
    controller.pause();
    this.#res.once('drain', () => controller.resume());
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: Record<string, string | string[] | undefined>): void {
    if (this.#done) return;
    if (trailers && Object.keys(trailers).length > 0) this.#res.addTrailers(trailers as Record<string, string>);
    this.#res.end();
    this.#finish(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#done) return;
    const pod = this.#pod as Pod;
    if (this.#res.destroyed) {
      this.#finish(undefined);
    } else if (!this.#sent && this.#context.clock() < this.holdDeadline) {
      // It certainly never reached the pod: no connection was made. It waits again, first in line.
      this.#pod = undefined;
      this.answerDeadline = Number.POSITIVE_INFINITY;
      this.#held = true;
      this.#fn.readmit(this, pod);
    } else {
      pod.eject(this.#context.clock());
      this.#finish((error as { code?: string }).code?.startsWith('HPE_') ? 'PodAnswerBroken' : 'PodUnreachable');
    }
  }

  /** The client left: its place is free at once; a pod that works on its request is told by the end of the connection. */
  #clientClosed(): void {
    this.#context.open.delete(this);
    if (this.#done) return;
    if (this.heldIn) {
      this.#done = true;
      this.#fn.leave(this);
      this.#metrics.clientClosed();
    } else if (this.#pod) {
      this.#metrics.clientClosed();
      this.#abandon(undefined, 'client closed');
    }
  }

  /** Ends a request that a pod works on. Finished first, for aborting tells onResponseError at once. */
  #abandon(code: ErrorCode | undefined, why: string): void {
    this.#finish(code);
    this.#controller?.abort(new Error(why));
  }

  #finish(code: ErrorCode | undefined): void {
    if (this.#done) return;
    this.#done = true;
    this.#context.open.delete(this);
    if (code) {
      this.#metrics.error(code);
      answerError(this.#res, code, this.#requestId);
    }
    this.#fn.release(this.#pod as Pod);
  }

  #serverTiming(now: number): string | undefined {
    if (!this.#held) return undefined;
    const cold = this.#fn.coldStart;
    return cold && this.#arrived <= (cold.announced ?? 0)
      ? cold.serverTiming(this.#arrived, now)
      : `hold;dur=${(now - this.#arrived).toFixed(1)}`;
  }

  #earlyHints(controller: Dispatcher.DispatchController): void {
    const raw = (controller.rawHeaders ?? []) as (Buffer | string)[];
    const link = raw.findIndex((name, i) => i % 2 === 0 && String(name).toLowerCase() === 'link');
    if (link >= 0) this.#res.writeEarlyHints({ link: String(raw[link + 1]) });
  }
}
