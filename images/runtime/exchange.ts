import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import type { Config } from './config.ts';
import type { DirectHead } from './direct-head.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';
import { toEvent } from './event.ts';
import type { Gate } from './gate.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { Invocation, Outcome } from './invocation.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { toResponse } from './response.ts';

/** What AWS takes for a synchronous invocation: 6 MiB. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;

export interface ExchangeOptions {
  config: Config;
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

/** One request, from its head to its answer: read whole, handed to a handler, answered with what that returned. */
export class Exchange {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #options: ExchangeOptions;
  readonly #direct: Direct | undefined;
  readonly #id = randomUUID();
  readonly #begun = performance.now();
  readonly #deadline: number;
  #hasSlot: boolean;

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
    readBody(this.#req, MAX_REQUEST_BYTES, (body, complete) => {
      if (!complete) this.#done(400);
      else if (body === undefined) this.#fail('RequestTooLarge', 'the request body is larger than 6 MiB');
      else this.#enter(body);
    });
  }

  #enter(body: Buffer): void {
    const { gate } = this.#options;
    if (!gate || this.#hasSlot) this.#invoke(body);
    else if (gate.tryTake()) {
      this.#hasSlot = true;
      this.#invoke(body);
    } else this.#wait(gate, body);
  }

  /** The activator did not know yet that direct callers have the slots: one frees, or the time is over that the request has. */
  #wait(gate: Gate, body: Buffer): void {
    const leave = gate.wait(() => {
      settle();
      this.#hasSlot = true;
      this.#invoke(body);
    });
    const timer = setTimeout(
      () => {
        settle();
        if (leave()) this.#fail('OverConcurrency', `direct callers had all slots for ${this.#options.config.timeoutMillis / 1000} s`);
      },
      Math.max(0, this.#deadline - Date.now()),
    );
    const left = (): void => {
      settle();
      if (leave()) this.#done(499);
    };
    const settle = (): void => {
      clearTimeout(timer);
      this.#res.off('close', left);
    };
    this.#res.on('close', left);
  }

  #invoke(body: Buffer): void {
    const { config, pool, gate } = this.#options;
    const now = new Date();
    const trace = this.#req.headers['x-amzn-trace-id'];
    const invocation: Invocation = {
      id: this.#id,
      event: toEvent(this.#direct?.head ?? this.#req, body, this.#id, config.function, now),
      // With a gate it may have waited, and whoever sent it waits no longer than this; without one it has only just been read.
      deadline: gate ? this.#deadline : now.getTime() + config.timeoutMillis,
      traceId:
        typeof trace === 'string'
          ? trace
          : `Root=1-${Math.floor(now.getTime() / 1000).toString(16)}-${this.#id.replaceAll('-', '').slice(0, 24)}`,
      started: 0,
      initMillis: undefined,
      finish: (outcome) => this.#finish(invocation, outcome),
    };
    pool.invoke(invocation);
  }

  #finish(invocation: Invocation, outcome: Outcome): void {
    if (outcome.kind === 'error') {
      this.#fail(outcome.code, outcome.detail);
      return;
    }
    try {
      const { status, headers, body } = toResponse(outcome);
      const timing = [`handler;dur=${(performance.now() - invocation.started).toFixed(1)}`];
      if (invocation.initMillis !== undefined) timing.unshift(`init;dur=${invocation.initMillis.toFixed(1)}`);
      this.#send(status, [...headers, ['Server-Timing', timing.join(', ')]], body);
    } catch (error) {
      this.#fail('InvalidResponse', (error as Error).message);
    }
  }

  #fail(code: ErrorCode, detail: string): void {
    const { status, message } = ERRORS[code];
    this.#options.log(this.#id, `ERROR ${code} (${status}): ${detail}. ${message}`);
    this.#send(
      status,
      [
        ['Content-Type', 'application/json'],
        ['X-Lull-Error', code],
      ],
      Buffer.from(`${errorBody(code, this.#id)}\n`),
    );
  }

  #send(status: number, headers: [string, string | string[]][], body: Buffer): void {
    this.#done(status);
    const res = this.#res;
    if (res.destroyed || res.headersSent) return;
    for (const [name, value] of headers) res.setHeader(name, value);
    if (this.#options.isDraining() || this.#direct?.closes()) res.setHeader('Connection', 'close');
    res.setHeader('X-Amzn-RequestId', this.#id);
    if (this.#direct && !res.hasHeader('X-Request-Id')) res.setHeader('X-Request-Id', this.#direct.head.requestId);
    if (status !== 204 && status !== 304) res.setHeader('Content-Length', body.length);
    res.writeHead(status);
    res.end(body);
  }

  #done(status: number): void {
    const { metrics, gate } = this.#options;
    metrics.running--;
    metrics.request(status, (performance.now() - this.#begun) / 1000);
    if (this.#hasSlot) gate?.release();
    this.#direct?.ended(this.#res.destroyed ? 499 : status);
  }
}
