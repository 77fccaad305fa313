import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { CLIENT_CONTEXT_FIELD, INVOKE_FIELD, LOG_TYPE_FIELD, QUALIFIER_FIELD } from '../../common/api/names.ts';
import { EVENT_STREAM, eventStream, invokeComplete } from '../../common/event-stream.ts';
import type { Call, Fields } from './call.ts';
import type { HttpHead } from './direct-head.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';
import type { ExchangeOptions } from './exchange.ts';
import { type Failure, invokePayload, responseTooLarge } from './failure.ts';
import { enterGate } from './gate-entry.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { KEEP_ALIVE } from './keep-alive.ts';
import { LogTail } from './log-tail.ts';
import { Gathered, passChunks } from './raw-stream.ts';
import { MAX_RESPONSE_BYTES } from './runtime-api.ts';
import { newTraceId } from './trace-id.ts';

const FIELDS = {
  invoke: INVOKE_FIELD.toLowerCase(),
  logType: LOG_TYPE_FIELD.toLowerCase(),
  clientContext: CLIENT_CONTEXT_FIELD.toLowerCase(),
  qualifier: QUALIFIER_FIELD.toLowerCase(),
} as const;

/** Whether what an activator sent is an event for the handler instead of an HTTP request. */
export function isRawEvent({ headers }: HttpHead): boolean {
  return headers[FIELDS.invoke] !== undefined;
}

/** One invocation by Lambda's API: the body is the event, the answer is AWS's. What is Lull's to say (X-Lull-Error) the activator puts into AWS's words. */
export class RawExchange {
  readonly #call: Call;
  readonly #options: ExchangeOptions;
  readonly #id: string;
  readonly #streams: boolean;
  /** Kept for a caller who asked for it. */
  readonly #tail: LogTail | undefined;
  readonly #begun = performance.now();
  readonly #deadline: number;
  #hasSlot = false;
  #gathered: Gathered | undefined;
  #outcome: Outcome | undefined;
  #reported = false;

  constructor(call: Call, options: ExchangeOptions) {
    this.#call = call;
    this.#options = options;
    const { headers } = call.head;
    const id = headers['x-request-id'];
    this.#id = typeof id === 'string' ? id : randomUUID();
    this.#streams = headers[FIELDS.invoke] === 'ResponseStream';
    this.#tail = headers[FIELDS.logType] === 'Tail' ? new LogTail() : undefined;
    this.#deadline = Date.now() + options.config.timeoutMillis;
  }

  begin(): void {
    const { onRequest, metrics } = this.#options;
    onRequest();
    metrics.running++;
    this.#call.readBody((body, complete) => {
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
      call: this.#call,
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
    const { pool, gate, config } = this.#options;
    const { headers } = this.#call.head;
    const trace = headers['x-amzn-trace-id'];
    const context = headers[FIELDS.clientContext];
    const qualifier = headers[FIELDS.qualifier];
    const tail = this.#tail;
    const invocation: Invocation = {
      id: this.#id,
      event,
      deadline: gate ? this.#deadline : Date.now() + config.timeoutMillis,
      traceId: typeof trace === 'string' ? trace : newTraceId(this.#id, Date.now()),
      clientContext: typeof context === 'string' ? context : undefined,
      streams: this.#streams,
      ...(typeof qualifier === 'string' && { qualifier }),
      started: 0,
      initMillis: undefined,
      stream: (source) => this.#stream(source),
      finish: (outcome) => {
        this.#outcome = outcome;
        this.#finish();
      },
      ...(tail && {
        onLine: (line: string) => tail.line(line),
        reported: () => {
          this.#reported = true;
          this.#finish();
        },
      }),
    };
    pool.invoke(invocation);
  }

  #stream(source: Readable): void {
    if (!this.#streams) {
      this.#gathered = new Gathered(source, MAX_RESPONSE_BYTES);
      return;
    }
    const { response } = this.#call;
    passChunks(source, response);
    if (response.destroyed) return;
    response.writeHead(200, this.#fields(EVENT_STREAM, []));
    // At once: the first byte may be long in coming.
    response.flushHeaders();
  }

  /** With the tail of the log the answer waits for its REPORT: that is until the runtime asks for more, or its time is over. */
  #finish(): void {
    const outcome = this.#outcome;
    if (!outcome || (this.#tail && !this.#reported)) return;
    if (outcome.kind === 'result') this.#answer(200, outcome.body);
    else if (outcome.kind === 'streamed') this.#endStream();
    else if (outcome.code === 'OverConcurrency' || outcome.code === 'Draining') this.#fail(outcome.code, outcome.detail);
    else this.#failed(outcome);
  }

  #endStream(): void {
    const gathered = this.#gathered;
    const bytes = gathered ? gathered.bytes : Buffer.alloc(0);
    if (bytes) this.#answer(200, bytes);
    else this.#failed(responseTooLarge(gathered?.size ?? 0, MAX_RESPONSE_BYTES));
  }

  /** The function's own failure, not Lull's. */
  #failed(failure: Failure): void {
    const { status, message } = ERRORS[failure.code];
    this.#options.log(this.#id, `ERROR ${failure.code} (${status}): ${failure.detail}. ${message}`, 'ERROR');
    this.#answer(status, Buffer.alloc(0), invokePayload(failure, this.#id));
  }

  /** @param status as the metrics count it: of a function's error AWS's own is 200 */
  #answer(status: number, payload: Buffer, failure?: Buffer): void {
    this.#done(status);
    const logResult = this.#tail?.base64;
    if (!this.#streams)
      this.#send(200, 'application/json', failure ?? payload, [
        ...(failure ? ['X-Amz-Function-Error', 'Unhandled'] : []),
        ...(logResult === undefined ? [] : ['X-Amz-Log-Result', logResult]),
      ]);
    else if (!this.#call.headersSent) this.#send(200, EVENT_STREAM, eventStream(payload, failure, logResult), []);
    else if (!this.#call.destroyed) this.#call.response.end(invokeComplete(failure, logResult));
  }

  #refuse(message: string): void {
    this.#done(400);
    const body = Buffer.from(JSON.stringify({ Type: 'User', message }));
    this.#send(400, 'application/json', body, ['x-amzn-ErrorType', 'InvalidRequestContentException']);
  }

  #fail(code: ErrorCode, detail: string): void {
    const { status, message } = ERRORS[code];
    this.#options.log(this.#id, `ERROR ${code} (${status}): ${detail}. ${message}`, 'ERROR');
    this.#done(status);
    this.#send(status, 'application/json', Buffer.from(`${errorBody(code, this.#id)}\n`), ['X-Lull-Error', code]);
  }

  #send(status: number, contentType: string, body: Buffer, fields: Fields): void {
    const call = this.#call;
    if (call.destroyed || call.headersSent) return;
    call.send(status, this.#fields(contentType, ['Content-Length', body.length, ...fields]), body);
  }

  #fields(contentType: string, fields: Fields): Fields {
    const isLast = this.#options.isDraining();
    if (isLast) this.#call.isLast();
    const connection = isLast ? ['Connection', 'close'] : ['Keep-Alive', KEEP_ALIVE];
    return ['Content-Type', contentType, 'X-Amzn-RequestId', this.#id, 'X-Amz-Executed-Version', '$LATEST', ...fields, ...connection];
  }

  #done(status: number): void {
    const { metrics, gate } = this.#options;
    metrics.running--;
    metrics.request(status, (performance.now() - this.#begun) / 1000);
    if (this.#hasSlot) gate?.release();
  }
}
