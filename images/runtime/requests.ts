import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import type { Config } from './config.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';
import { toEvent } from './event.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { Invocation, Outcome } from './invocation.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { toResponse } from './response.ts';

/** What AWS takes for a synchronous invocation: 6 MiB. */
const MAX_REQUEST_BYTES = 6 * 1024 * 1024;

export interface RequestServerOptions {
  config: Config;
  pool: HandlerPool;
  log: Log;
  metrics: Metrics;
  isDraining: () => boolean;
  /** A request came; a drain waits until none has for a while. */
  onRequest: () => void;
}

/** The pod's port: an HTTP request becomes an event, what the handler returns becomes the response. */
export function requestServer(options: RequestServerOptions): Server {
  const server = createServer(
    // The activator keeps its idle connections for 4 s; longer here, so that it never sends into one that we close.
    { keepAliveTimeout: 75_000, requestTimeout: 0, headersTimeout: 20_000, maxHeaderSize: 81_920, noDelay: true },
    (req, res) => new Exchange(req, res, options).begin(),
  );
  return server;
}

class Exchange {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #options: RequestServerOptions;
  readonly #id = randomUUID();
  readonly #begun = performance.now();

  constructor(req: IncomingMessage, res: ServerResponse, options: RequestServerOptions) {
    this.#req = req;
    this.#res = res;
    this.#options = options;
  }

  begin(): void {
    this.#options.onRequest();
    this.#options.metrics.running++;
    this.#res.on('error', () => undefined);
    readBody(this.#req, MAX_REQUEST_BYTES, (body, complete) => {
      if (!complete) this.#done(400);
      else if (body === undefined) this.#fail('RequestTooLarge', 'the request body is larger than 6 MiB');
      else this.#invoke(body);
    });
  }

  #invoke(body: Buffer): void {
    const { config, pool } = this.#options;
    const now = new Date();
    const trace = this.#req.headers['x-amzn-trace-id'];
    const invocation: Invocation = {
      id: this.#id,
      event: toEvent(this.#req, body, this.#id, config.function, now),
      deadline: now.getTime() + config.timeoutMillis,
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
    if (this.#options.isDraining()) res.setHeader('Connection', 'close');
    res.setHeader('X-Amzn-RequestId', this.#id);
    if (status !== 204 && status !== 304) res.setHeader('Content-Length', body.length);
    res.writeHead(status);
    res.end(body);
  }

  #done(status: number): void {
    const { metrics } = this.#options;
    metrics.running--;
    metrics.request(status, (performance.now() - this.#begun) / 1000);
  }
}
