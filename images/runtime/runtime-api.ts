import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { readBody } from './body.ts';
import { type Failure, postedFailure, responseTooLarge } from './failure.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { ERROR_CAUSE, RUNTIME_ERRORS, type RuntimeError, sendRuntimeError, withoutCause, wrongState } from './runtime-errors.ts';

/** 6 MiB and a little, as AWS has it. */
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

const VERSION = '/2018-06-01';
const PREFIX = `${VERSION}/runtime/`;
const ACCEPTED = '{"status":"OK"}\n';

/** What a client of the Runtime API did. */
export interface RuntimeApiEvents {
  next(): void;
  /** The response to the invocation begins to come, and is to be handed on as it comes; `answer` follows at its end. */
  stream(source: Readable, contentType: string): void;
  /** The invocation is answered; once for each. */
  answer(outcome: Outcome): void;
  initError(failure: Failure): void;
}

/** By AWS's names, which are part of its error messages. */
type State = 'Started' | 'InitError' | 'Ready' | 'Running' | 'InvocationResponse' | 'RuntimeResponseSentState';

/**
 * AWS's Runtime API, 2018-06-01, for one handler process. Each process has a port of its own: some clients take nothing but HOST:PORT, and so a result, a
 * crash and a log line belong to exactly one invocation.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #arn: string;
  readonly #events: RuntimeApiEvents;
  #state: State = 'Started';
  #waiting: ServerResponse | undefined;
  /** Of the newest invocation. */
  #id = '';

  constructor(arn: string, events: RuntimeApiEvents) {
    this.#arn = arn;
    this.#events = events;
    // No timeouts: a client may wait for its next event for days.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, noDelay: true }, (req, res) =>
      this.#handle(req, res),
    );
  }

  /** Calls back with HOST:PORT. */
  listen(port: number, listening: (address: string) => void, failed: (error: Error) => void): void {
    this.#server.once('error', failed);
    this.#server.listen(port, '127.0.0.1', () => listening(`127.0.0.1:${(this.#server.address() as AddressInfo).port}`));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Hands the invocation to the client that waits for it. Returns false when none does any more. */
  deliver(invocation: Invocation): boolean {
    const res = this.#waiting;
    this.#waiting = undefined;
    if (!res || res.destroyed) return false;
    this.#state = 'Running';
    this.#id = invocation.id;
    const { clientContext, cognitoIdentity, qualifier } = invocation;
    res.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(invocation.event),
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(invocation.deadline),
      'Lambda-Runtime-Invoked-Function-Arn': qualifier === undefined ? this.#arn : `${this.#arn}:${qualifier}`,
      'Lambda-Runtime-Trace-Id': invocation.traceId,
      ...(clientContext !== undefined && { 'Lambda-Runtime-Client-Context': utf8(clientContext) }),
      ...(cognitoIdentity !== undefined && { 'Lambda-Runtime-Cognito-Identity': utf8(cognitoIdentity) }),
    });
    // Node writes a head together with a body that is a string, and then in UTF-8: bytes of ours would become two each.
    const { event } = invocation;
    res.end(typeof event === 'string' && (clientContext ?? cognitoIdentity) !== undefined ? Buffer.from(event) : event);
    return true;
  }

  #handle(req: IncomingMessage, res: ServerResponse): void {
    res.on('error', () => undefined);
    const path = (req.url ?? '').split('?', 1)[0] as string;
    const what = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : path;
    const [, id, kind] = /^invocation\/([^/]+)\/(response|error)$/.exec(what) ?? [];
    if (what === 'invocation/next') this.#only('GET', req, res, () => this.#next(res));
    else if (kind === 'response') this.#only('POST', req, res, () => this.#response(id as string, req, res));
    else if (kind === 'error') this.#only('POST', req, res, () => this.#error(id as string, req, res));
    else if (what === 'init/error') this.#only('POST', req, res, () => this.#initError(req, res));
    else if (path === `${VERSION}/ping`) this.#only('GET', req, res, () => res.end('pong'));
    else if (what === 'restore/next' || what === 'restore/error') refuse(req, res, RUNTIME_ERRORS.noRestore);
    else if (path === '/2022-07-01/telemetry') refuse(req, res, RUNTIME_ERRORS.noTelemetry);
    else if (path === '/2020-08-15/logs') refuse(req, res, RUNTIME_ERRORS.noLogs);
    else refuse(req, res, RUNTIME_ERRORS.notFound);
  }

  #only(method: 'GET' | 'POST', req: IncomingMessage, res: ServerResponse, handle: () => void): void {
    if (req.method === method) handle();
    else refuse(req, res, RUNTIME_ERRORS.wrongMethod);
  }

  #next(res: ServerResponse): void {
    this.#waiting = res;
    // One turn of the loop later, what the process wrote before it asked has been read and is logged under the request that it belongs to.
    setImmediate(() => {
      this.#state = 'Ready';
      this.#events.next();
    });
  }

  /** Whether a response or an error to this id may come now; if not, that is answered. */
  #begins(id: string, target: string, req: IncomingMessage, res: ServerResponse): boolean {
    const known = this.#id !== '' && decoded(id) === this.#id;
    if (known && this.#state === 'Running') {
      this.#state = 'InvocationResponse';
      return true;
    }
    refuse(req, res, known ? wrongState(this.#state, target) : RUNTIME_ERRORS.invalidRequestId);
    return false;
  }

  /** The invocation is answered, and so is the runtime. */
  #answer(res: ServerResponse, outcome: Outcome, error?: RuntimeError): void {
    this.#state = 'RuntimeResponseSentState';
    this.#events.answer(outcome);
    if (error) sendRuntimeError(res, error);
    else accept(res);
  }

  #response(id: string, req: IncomingMessage, res: ServerResponse): void {
    if (!this.#begins(id, 'InvocationResponse', req, res)) return;
    const mode = req.headers['lambda-runtime-function-response-mode'];
    const contentType = req.headers['content-type'] ?? 'application/json';
    if (mode === 'streaming') this.#stream(req, res, contentType);
    else if (mode !== undefined && mode !== '') {
      req.resume();
      this.#answer(res, handlerFailure('Runtime.InvalidResponseModeHeader', `the response mode "${mode}"`), RUNTIME_ERRORS.invalidMode);
    } else
      readBody(req, MAX_RESPONSE_BYTES, (body, complete, size) => {
        if (!complete) this.#answer(res, TRUNCATED, RUNTIME_ERRORS.truncated);
        else if (!body) this.#answer(res, responseTooLarge(size, MAX_RESPONSE_BYTES), RUNTIME_ERRORS.tooLarge);
        else this.#answer(res, { kind: 'result', body, contentType });
      });
  }

  #stream(req: IncomingMessage, res: ServerResponse, contentType: string): void {
    let ended = false;
    const end = (outcome: Outcome, error?: RuntimeError): void => {
      if (ended) return;
      ended = true;
      this.#answer(res, outcome, error);
    };
    req.on('end', () => {
      const type = req.trailers['lambda-runtime-function-error-type'];
      if (type === undefined) end({ kind: 'streamed' });
      else end(postedFailure('HandlerError', Buffer.from(req.trailers['lambda-runtime-function-error-body'] ?? '', 'base64'), type));
    });
    // After its end, nothing; before that, the process has broken off.
    req.on('error', () => end(TRUNCATED, RUNTIME_ERRORS.truncated));
    req.on('close', () => end(TRUNCATED, RUNTIME_ERRORS.truncated));
    this.#events.stream(req, contentType);
  }

  #error(id: string, req: IncomingMessage, res: ServerResponse): void {
    if (!this.#begins(id, 'InvocationErrorResponse', req, res)) return;
    readBody(req, MAX_RESPONSE_BYTES, (body, complete) => {
      if (!complete) this.#answer(res, TRUNCATED, RUNTIME_ERRORS.truncated);
      else this.#answer(res, posted('HandlerError', body, req));
    });
  }

  #initError(req: IncomingMessage, res: ServerResponse): void {
    if (this.#state !== 'Started') {
      refuse(req, res, wrongState(this.#state, 'InitError'));
      return;
    }
    this.#state = 'InitError';
    readBody(req, MAX_RESPONSE_BYTES, (body) => {
      this.#events.initError(posted('InitFailed', body, req));
      accept(res);
    });
  }
}

const TRUNCATED = handlerFailure('Runtime.TruncatedResponse', 'the response broke off');

function posted(code: 'HandlerError' | 'InitFailed', body: Buffer | undefined, req: IncomingMessage): Failure {
  const type = req.headers['lambda-runtime-function-error-type'];
  const content = req.headers['content-type'] === ERROR_CAUSE ? withoutCause(body) : body;
  return postedFailure(code, content ?? Buffer.alloc(0), typeof type === 'string' ? type : undefined);
}

function handlerFailure(errorType: string, detail: string): Failure {
  return { kind: 'error', code: 'HandlerError', detail: `${errorType}: ${detail}`, errorType, errorMessage: detail };
}

function accept(res: ServerResponse): void {
  // Without a length it would be sent in chunks, by a system call that costs three times as much.
  res.writeHead(202, { 'Content-Type': 'application/json', 'Content-Length': ACCEPTED.length });
  res.end(ACCEPTED);
}

/** What the client still sends is read and dropped, or it would not hear the answer. */
function refuse(req: IncomingMessage, res: ServerResponse, error: RuntimeError): void {
  req.resume();
  sendRuntimeError(res, error);
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** A header's bytes are its characters: this makes them UTF-8, as AWS sends them. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
