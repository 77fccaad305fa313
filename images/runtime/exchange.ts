import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Call, Fields } from './call.ts';
import type { Config } from './config.ts';
import { type Cors, isPreflight, preflightHeaders, withCors } from './cors.ts';
import type { DirectHead, HttpHead } from './direct-head.ts';
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

export interface ExchangeOptions {
  config: Config;
  translation: Translation;
  /** What browsers of other origins may do; undefined leaves that to the handler. */
  cors?: Cors | undefined;
  pool: Pick<HandlerPool, 'invoke' | 'ready'>;
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
  readonly #call: Call;
  readonly #options: ExchangeOptions;
  readonly #direct: Direct | undefined;
  readonly #id = randomUUID();
  readonly #begun = performance.now();
  readonly #deadline: number;
  #hasSlot: boolean;
  #streamed: Streamed | undefined;
  #answered = false;

  constructor(call: Call, options: ExchangeOptions, direct?: Direct) {
    this.#call = call;
    this.#options = options;
    this.#direct = direct;
    this.#hasSlot = direct !== undefined;
    this.#deadline = Date.now() + options.config.timeoutMillis;
  }

  begin(): void {
    this.#options.onRequest();
    this.#options.metrics.running++;
    const { cors } = this.#options;
    const { head } = this.#call;
    if (cors && isPreflight(head.method, head.headers)) {
      this.#call.dropBody();
      this.#send({ status: 200, headers: preflightHeaders(cors, head.headers), body: '' });
      return;
    }
    this.#call.readBody((body, complete) => {
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
      call: this.#call,
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
    const head = this.#direct?.head ?? this.#call.head;
    const now = new Date();
    const traceId = traceOf(this.#call.head, this.#id, now);
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
        res: this.#call.response,
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
    if (this.#call.headersSent) {
      // Half an answer must not look like a whole one: the connection breaks off, in the middle of a chunked body.
      this.#done(status);
      this.#call.destroy();
      return;
    }
    this.#send(this.#options.translation.toFailure?.(failure, this.#id) ?? ownError(code, this.#id));
  }

  /** Throws for a head that is none. */
  #send(response: HttpResponse, serverTiming?: string): void {
    const call = this.#call;
    const { status, body } = response;
    if (!call.destroyed && !call.headersSent) {
      const length = status !== 204 && status !== 304 ? Buffer.byteLength(body) : undefined;
      call.send(status, this.#fields(response, serverTiming, length), body);
    }
    this.#done(status);
  }

  #writeHead(head: ResponseHead, serverTiming: string): void {
    const { response, destroyed } = this.#call;
    if (!destroyed) response.writeHead(head.status, this.#fields(head, serverTiming));
  }

  #fields({ headers }: ResponseHead, serverTiming?: string, length?: number): Fields {
    const { cors } = this.#options;
    const { head } = this.#call;
    const answered = cors && !isPreflight(head.method, head.headers) ? withCors(headers, cors, head.headers) : headers;
    // As a list: one by one they would each be looked up, copied and written again.
    const all: Fields = [];
    let hasRequestId = false;
    for (const [name, value] of answered) {
      const lower = name.toLowerCase();
      if (lower === 'x-amzn-requestid' || (lower === 'server-timing' && serverTiming !== undefined)) continue;
      hasRequestId ||= lower === 'x-request-id';
      all.push(name, value);
    }
    if (this.#direct && !hasRequestId) all.push('X-Request-Id', this.#direct.head.requestId);
    // In place of what the handler may say by the same names.
    all.push('X-Amzn-RequestId', this.#id);
    if (serverTiming !== undefined) all.push('Server-Timing', serverTiming);
    if (this.#options.isDraining() || this.#direct?.closes()) {
      this.#call.isLast();
      all.push('Connection', 'close');
    } else if (!this.#direct) all.push('Keep-Alive', KEEP_ALIVE);
    if (length !== undefined) all.push('Content-Length', length);
    return all;
  }

  #done(status: number): void {
    const { metrics, gate } = this.#options;
    this.#answered = true;
    metrics.running--;
    metrics.request(status, (performance.now() - this.#begun) / 1000);
    if (this.#hasSlot) gate?.release();
    this.#direct?.ended(this.#call.destroyed ? 499 : status);
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
function traceOf({ headers }: HttpHead, id: string, now: Date): string {
  const given = headers['x-amzn-trace-id'];
  if (typeof given === 'string') return given;
  return newTraceId(id, now.getTime());
}
