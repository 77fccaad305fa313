import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CLIENT_CONTEXT_FIELD, INVOKE_FIELD, LOG_TYPE_FIELD } from '../../common/api/names.ts';
import { EVENT_STREAM, eventStream } from '../../common/event-stream.ts';
import { readBody } from './body.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';
import type { ExchangeOptions } from './exchange.ts';
import { functionError } from './function-error.ts';
import { enterGate } from './gate-entry.ts';
import type { Invocation, Outcome } from './invocation.ts';
import type { LogTails } from './log-tails.ts';
import { newTraceId } from './trace-id.ts';

/** As the activator checks it. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

const FIELDS = {
  invoke: INVOKE_FIELD.toLowerCase(),
  logType: LOG_TYPE_FIELD.toLowerCase(),
  clientContext: CLIENT_CONTEXT_FIELD.toLowerCase(),
} as const;

export interface RawExchangeOptions extends ExchangeOptions {
  tails: LogTails;
}

/** Whether what an activator sent is an event for the handler instead of an HTTP request. */
export function isRawEvent(req: IncomingMessage): boolean {
  return req.headers[FIELDS.invoke] !== undefined;
}

/** One invocation by Lambda's API: the body is the event, the answer is AWS's. What is Lull's to say (X-Lull-Error) the activator puts into AWS's words. */
export class RawExchange {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #options: RawExchangeOptions;
  readonly #id: string;
  readonly #streams: boolean;
  readonly #tail: boolean;
  readonly #begun = performance.now();
  readonly #deadline: number;
  #hasSlot = false;

  constructor(req: IncomingMessage, res: ServerResponse, options: RawExchangeOptions) {
    this.#req = req;
    this.#res = res;
    this.#options = options;
    const id = req.headers['x-request-id'];
    this.#id = typeof id === 'string' ? id : randomUUID();
    this.#streams = req.headers[FIELDS.invoke] === 'ResponseStream';
    this.#tail = req.headers[FIELDS.logType] === 'Tail';
    this.#deadline = Date.now() + options.config.timeoutMillis;
  }

  begin(): void {
    const { onRequest, metrics } = this.#options;
    onRequest();
    metrics.running++;
    this.#res.on('error', () => undefined);
    readBody(this.#req, MAX_EVENT_BYTES, (body, complete) => {
      if (!complete) this.#done(400);
      else if (body === undefined) this.#fail('RequestTooLarge', 'the event is larger than 6 MiB');
      else this.#enter(body);
    });
  }

  #enter(body: Buffer): void {
    // Without a payload AWS's handlers are given an empty object.
    const event = body.length === 0 ? '{}' : body.toString('utf8');
    try {
      if (!isUtf8(body)) throw new Error('Invalid UTF-8');
      JSON.parse(event);
    } catch (error) {
      this.#refuse(`Could not parse request body into json: Could not parse payload into json: ${(error as Error).message}`);
      return;
    }
    const { gate, config } = this.#options;
    enterGate({
      gate,
      res: this.#res,
      deadline: this.#deadline,
      entered: () => {
        this.#hasSlot = gate !== undefined;
        this.#invoke(event);
      },
      late: () => this.#fail('OverConcurrency', `direct callers had all slots for ${config.timeoutMillis / 1000} s`),
      left: () => this.#done(499),
    });
  }

  #invoke(event: string): void {
    const { pool, tails, gate, config } = this.#options;
    const trace = this.#req.headers['x-amzn-trace-id'];
    const context = this.#req.headers[FIELDS.clientContext];
    if (this.#tail) tails.open(this.#id);
    const invocation: Invocation = {
      id: this.#id,
      event,
      deadline: gate ? this.#deadline : Date.now() + config.timeoutMillis,
      traceId: typeof trace === 'string' ? trace : newTraceId(this.#id, Date.now()),
      clientContext: typeof context === 'string' ? context : undefined,
      started: 0,
      initMillis: undefined,
      // What was printed before the answer has been read of its pipe, too, by the end of this turn of the loop, and is in the tail then.
      finish: (outcome) => (this.#tail ? setImmediate(() => this.#finish(outcome)) : this.#finish(outcome)),
    };
    pool.invoke(invocation);
  }

  #finish(outcome: Outcome): void {
    const { config, log, tails } = this.#options;
    if (outcome.kind === 'result') {
      const body =
        outcome.prelude === undefined ? outcome.body : Buffer.concat([Buffer.from(outcome.prelude), Buffer.alloc(8), outcome.body]);
      this.#answer(200, body, undefined, this.#tail ? tails.take(this.#id) : undefined);
      return;
    }
    if (outcome.code === 'OverConcurrency' || outcome.code === 'Draining') {
      if (this.#tail) tails.take(this.#id);
      this.#fail(outcome.code, outcome.detail);
      return;
    }
    const failure = functionError(outcome, { id: this.#id, timeoutMillis: config.timeoutMillis });
    const { status, message } = ERRORS[outcome.code];
    log(this.#id, `ERROR ${outcome.code} (${status}): ${outcome.detail}. ${message}`);
    this.#answer(status, Buffer.alloc(0), failure, this.#tail ? tails.take(this.#id) : undefined);
  }

  /** @param status as the metrics count it: of a function's error AWS's own is 200 */
  #answer(status: number, payload: Buffer, failure: Buffer | undefined, logResult: string | undefined): void {
    this.#done(status);
    if (this.#streams) {
      this.#send(200, EVENT_STREAM, eventStream(payload, failure, logResult), {});
      return;
    }
    this.#send(200, 'application/json', failure ?? payload, {
      ...(failure && { 'X-Amz-Function-Error': 'Unhandled' }),
      ...(logResult !== undefined && { 'X-Amz-Log-Result': logResult }),
    });
  }

  #refuse(message: string): void {
    this.#done(400);
    const body = Buffer.from(JSON.stringify({ Type: 'User', message }));
    this.#send(400, 'application/json', body, { 'x-amzn-ErrorType': 'InvalidRequestContentException' });
  }

  #fail(code: ErrorCode, detail: string): void {
    const { status, message } = ERRORS[code];
    this.#options.log(this.#id, `ERROR ${code} (${status}): ${detail}. ${message}`);
    this.#done(status);
    this.#send(status, 'application/json', Buffer.from(`${errorBody(code, this.#id)}\n`), { 'X-Lull-Error': code });
  }

  #send(status: number, contentType: string, body: Buffer, headers: Record<string, string>): void {
    const res = this.#res;
    if (res.destroyed || res.headersSent) return;
    res.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': body.length,
      'X-Amzn-RequestId': this.#id,
      'X-Amz-Executed-Version': '$LATEST',
      ...headers,
      ...(this.#options.isDraining() && { Connection: 'close' }),
    });
    res.end(body);
  }

  #done(status: number): void {
    const { metrics, gate } = this.#options;
    metrics.running--;
    metrics.request(status, (performance.now() - this.#begun) / 1000);
    if (this.#hasSlot) gate?.release();
  }
}
