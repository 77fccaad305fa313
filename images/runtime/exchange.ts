import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { readBody } from './body.ts';
import type { Config } from './config.ts';
import { type Cors, corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import type { DirectHead } from './direct-head.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';
import type { Failure } from './failure.ts';
import type { Gate } from './gate.ts';
import { enterGate } from './gate-entry.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { KEEP_ALIVE } from './keep-alive.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { StreamedAnswer } from './streamed.ts';
import { newTraceId } from './trace-id.ts';
import type { HttpResponse, ResponseHead, Translation } from './translation.ts';

/** What AWS takes for a synchronous invocation: 6 MiB. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;
const NOT_ASCII = /[\u0080-\uffff]/;

export interface ExchangeOptions {
  config: Config;
  translation: Translation;
  /** What browsers of other origins may do; undefined leaves that to the handler. */
  cors?: Cors | undefined;
  pool: HandlerPool;
  log: Log;
  metrics: Metrics;
  isDraining: () => boolean;
  /** A request came; a drain waits until none has for a while. */
  onRequest: () => void;
  /** Where direct callers take slots, too; undefined where the activators alone give them out, and count them. */
  gate?: Gate | undefined;
}

/** What is different about a request that came past the activators. It has taken its slot already. */
export interface Direct {
  head: DirectHead;
  /** It has ended, and its slot is free again. */
  ended(status: number): void;
  /** Whether its connection is to be used no more. */
  closes(): boolean;
}

interface Streamed {
  answer: StreamedAnswer;
  status: number;
  /** What is wrong with its prelude. */
  invalid: string | undefined;
}

/** One request, from its head to its answer: read whole, handed to a handler, answered with what that returned, or streams. */
export class Exchange {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #options: ExchangeOptions;
  readonly #direct: Direct | undefined;
  readonly #id = randomUUID();
  readonly #begun = performance.now();
  readonly #deadline: number;
  #hasSlot: boolean;
  #streamed: Streamed | undefined;
  #answered = false;

  constructor(req: IncomingMessage, res: ServerResponse, options: ExchangeOptions, direct?: Direct) {
    this.#req = req;
    this.#res = res;
    this.#options = options;
    this.#direct = direct;
    this.#hasSlot = direct !== undefined;
    this.#deadline = Date.now() + options.config.timeoutMillis;
  }

  begin(): void {
    this.#options.onRequest();
    this.#options.metrics.running++;
    this.#res.on('error', () => undefined);
    const { cors } = this.#options;
    if (cors && isPreflight(this.#req.method, this.#req.headers)) {
      this.#req.resume();
      this.#send({ status: 200, headers: preflightHeaders(cors, this.#req.headers), body: '' });
      return;
    }
    readBody(this.#req, MAX_REQUEST_BYTES, (body, complete) => {
      if (!complete) this.#done(400);
      else if (body === undefined) this.#refuse('RequestTooLarge', 'the request body is larger than 6 MiB');
      else this.#enter(body);
    });
  }

  #enter(body: Buffer): void {
    const { gate, config } = this.#options;
    if (!gate || this.#hasSlot) {
      this.#invoke(body);
      return;
    }
    enterGate({
      gate,
      res: this.#res,
      deadline: this.#deadline,
      entered: () => {
        this.#hasSlot = true;
        this.#invoke(body);
      },
      // The activator did not know yet that direct callers have the slots.
      late: () => this.#refuse('OverConcurrency', `direct callers had all slots for ${config.timeoutMillis / 1000} s`),
      left: () => this.#done(499),
    });
  }

  #invoke(body: Buffer): void {
    const { config, pool, gate, translation } = this.#options;
    const head = this.#direct?.head ?? this.#req;
    const now = new Date();
    const traceId = traceOf(this.#req, this.#id, now);
    const invocation: Invocation = {
      id: this.#id,
      event: translation.toEvent(head, body, { id: this.#id, function: config.function, traceId, now }),
      // With a gate it may have waited, and whoever sent it waits no longer than this; without one it has only just been read.
      deadline: gate ? this.#deadline : now.getTime() + config.timeoutMillis,
      traceId,
      ...translation.extras?.(head),
      started: 0,
      initMillis: undefined,
      stream: (source, contentType) => this.#stream(invocation, source, contentType),
      finish: (outcome) => this.#finish(invocation, outcome),
    };
    pool.invoke(invocation);
  }

  #stream(invocation: Invocation, source: Readable, contentType: string): void {
    const { translation } = this.#options;
    const streamed: Streamed = {
      status: 200,
      invalid: undefined,
      answer: new StreamedAnswer({
        source,
        res: this.#res,
        hasPrelude: translation.hasPrelude(contentType),
        head: (prelude) => {
          const head = translation.toHead(contentType, prelude);
          streamed.status = head.status;
          this.#writeHead(head, timing(invocation));
        },
        // Told at its end only: until then the process is busy with it, and there is no room for another request.
        invalid: (message) => {
          streamed.invalid = message;
        },
      }),
    };
    this.#streamed = streamed;
  }

  #finish(invocation: Invocation, outcome: Outcome): void {
    if (this.#answered) return;
    if (outcome.kind === 'error') this.#fail(outcome);
    else if (outcome.kind === 'streamed') this.#endStream();
    else {
      try {
        this.#send(this.#options.translation.toResponse(outcome), timing(invocation));
      } catch (error) {
        this.#refuse('InvalidResponse', (error as Error).message);
      }
    }
  }

  #endStream(): void {
    const { answer, status, invalid } = this.#streamed ?? {};
    if (invalid !== undefined) this.#refuse('InvalidResponse', invalid);
    else if (answer?.end()) this.#done(status ?? 200);
    else this.#refuse('InvalidResponse', 'the streamed response has no end of its prelude (eight NUL bytes)');
  }

  #refuse(code: ErrorCode, detail: string): void {
    this.#fail({ kind: 'error', code, detail });
  }

  #fail(failure: Failure): void {
    const { code, detail } = failure;
    const { status, message } = ERRORS[code];
    this.#options.log(this.#id, `ERROR ${code} (${status}): ${detail}. ${message}`, 'ERROR');
    if (this.#res.headersSent) {
      // Half an answer must not look like a whole one: the connection breaks off, in the middle of a chunked body.
      this.#done(status);
      this.#res.destroy();
      return;
    }
    this.#send(this.#options.translation.toFailure?.(failure, this.#id) ?? ownError(code, this.#id));
  }

  #send(response: HttpResponse, serverTiming?: string): void {
    this.#done(response.status);
    const res = this.#res;
    if (res.destroyed || res.headersSent) return;
    const { status, headers } = response;
    // With a body that is a string, Node would write a head in UTF-8: its bytes above 127 would become two each.
    const body = headers.some(([, value]) => NOT_ASCII.test(String(value))) ? Buffer.from(response.body) : response.body;
    this.#writeHead(response, serverTiming, status !== 204 && status !== 304 ? Buffer.byteLength(body) : undefined);
    res.end(body);
  }

  #writeHead({ status, headers }: ResponseHead, serverTiming?: string, length?: number): void {
    const res = this.#res;
    if (res.destroyed) return;
    const { cors } = this.#options;
    const own = this.#ownHeaders(serverTiming, length);
    if (cors && !isPreflight(this.#req.method, this.#req.headers)) {
      for (const [name, value] of headers) res.setHeader(name, value);
      this.#setCors(cors);
      if (this.#direct && !res.hasHeader('X-Request-Id')) res.setHeader('X-Request-Id', this.#direct.head.requestId);
      for (let i = 0; i < own.length; i += 2) res.setHeader(own[i] as string, own[i + 1] as string);
      res.writeHead(status);
      return;
    }
    // As a list: one by one they would each be looked up, copied and written again.
    const all: (string | number | string[])[] = [];
    let hasRequestId = false;
    for (const [name, value] of headers) {
      const lower = name.toLowerCase();
      if (lower === 'x-amzn-requestid' || (lower === 'server-timing' && serverTiming !== undefined)) continue;
      hasRequestId ||= lower === 'x-request-id';
      all.push(name, value);
    }
    if (this.#direct && !hasRequestId) all.push('X-Request-Id', this.#direct.head.requestId);
    res.writeHead(status, [...all, ...own]);
  }

  /** In place of what the handler may say by the same names. */
  #ownHeaders(serverTiming: string | undefined, length: number | undefined): (string | number)[] {
    const own: (string | number)[] = ['X-Amzn-RequestId', this.#id];
    if (serverTiming !== undefined) own.push('Server-Timing', serverTiming);
    if (this.#options.isDraining() || this.#direct?.closes()) own.push('Connection', 'close');
    else if (!this.#direct) own.push('Keep-Alive', KEEP_ALIVE);
    if (length !== undefined) own.push('Content-Length', length);
    return own;
  }

  /** In place of whatever the handler says. */
  #setCors(cors: Cors): void {
    const res = this.#res;
    const vary = res.getHeader('Vary');
    for (const name of ['Origin', 'Credentials']) res.removeHeader(`Access-Control-Allow-${name}`);
    res.removeHeader('Access-Control-Expose-Headers');
    for (const [name, value] of corsHeaders(cors, this.#req.headers)) res.setHeader(name, value);
    if (vary !== undefined) res.setHeader('Vary', `${[vary].flat().join(', ')}, Origin`);
  }

  #done(status: number): void {
    const { metrics, gate } = this.#options;
    this.#answered = true;
    metrics.running--;
    metrics.request(status, (performance.now() - this.#begun) / 1000);
    if (this.#hasSlot) gate?.release();
    this.#direct?.ended(this.#res.destroyed ? 499 : status);
  }
}

/** The answer where a failure is told by the bridge itself. */
function ownError(code: ErrorCode, id: string): HttpResponse {
  return {
    status: ERRORS[code].status,
    headers: [
      ['Content-Type', 'application/json'],
      ['X-Lull-Error', code],
    ],
    body: `${errorBody(code, id)}\n`,
  };
}

function timing({ started, initMillis }: Invocation): string {
  const handler = `handler;dur=${(performance.now() - started).toFixed(1)}`;
  return initMillis === undefined ? handler : `init;dur=${initMillis.toFixed(1)}, ${handler}`;
}

/** X-Ray's, as the caller sent it or as a new trace. */
function traceOf(req: IncomingMessage, id: string, now: Date): string {
  const given = req.headers['x-amzn-trace-id'];
  if (typeof given === 'string') return given;
  return newTraceId(id, now.getTime());
}
