import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { readDirectly } from '../../common/net/direct-read.ts';
import { readBody } from './body.ts';
import { type Failure, postedFailure, responseTooLarge } from './failure.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { RuntimeConnection } from './runtime-connection.ts';
import { ERROR_CAUSE, RUNTIME_ERRORS, type RuntimeError, sendRuntimeError, withoutCause, wrongState } from './runtime-errors.ts';
import { INTEGRATION } from './streamed.ts';

/** 6 MiB and a little, as AWS has it. */
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

/** AWS's clients send where an error came from in a header of up to 1 MiB (Python's: XRAY_ERROR_CAUSE_MAX_HEADER_SIZE). */
const MAX_HEAD_BYTES = 1024 * 1024 + 64 * 1024;

const VERSION = '/2018-06-01';
const PREFIX = `${VERSION}/runtime/`;
const OF_EXTENSIONS = /^\/(2020-01-01\/extension\/|2022-07-01\/telemetry\/?$|2020-08-15\/logs\/?$)/;
const ACCEPTED = '{"status":"OK"}\n';

/** What a client of the Runtime API did. */
export interface RuntimeApiEvents {
  next(): void;
  /** The response to the invocation begins to come, and is to be handed on as it comes; `answer` follows at its end. */
  stream(source: Readable, contentType: string): void;
  /** The invocation is answered; once for each. */
  answer(outcome: Outcome): void;
  initError(failure: Failure): void;
  /** A call of the Extensions, Telemetry or Logs API, which share the port. */
  extension(path: string, req: IncomingMessage, res: ServerResponse): void;
}

/** By AWS's names, which are part of its error messages. */
type State = 'Started' | 'InitError' | 'Ready' | 'Running' | 'InvocationResponse' | 'RuntimeResponseSentState';

/**
 * AWS's Runtime API, 2018-06-01, for one handler process. Each process has a port of its own: some clients take nothing but HOST:PORT, and so a result, a
 * crash and a log line belong to exactly one invocation.
 */
export class RuntimeApi {
  readonly #server: NetServer;
  /** For all but what a warm invocation consists of (runtime-connection.ts). */
  readonly #http: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arn: string;
  readonly #events: RuntimeApiEvents;
  #state: State = 'Started';
  #waiting: ServerResponse | RuntimeConnection | undefined;
  /** Of the newest invocation. */
  #id = '';
  #streams = false;

  constructor(arn: string, events: RuntimeApiEvents) {
    this.#arn = arn;
    this.#events = events;
    // No timeouts: a client may wait for its next event for days.
    this.#http = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, maxHeaderSize: MAX_HEAD_BYTES }, (req, res) =>
      this.#handle(req, res),
    );
    const usual = {
      next: (connection: RuntimeConnection) => this.#next(connection),
      begins: (id: string) => this.#isRunning(id) && this.#respond(),
      response: (body: Buffer, contentType: string) => this.#answered({ kind: 'result', body, contentType }),
      truncated: () => this.#answered(TRUNCATED),
      unusual: (socket: Socket, read: Buffer) => {
        socket.unshift(read);
        this.#http.emit('connection', socket);
        socket.resume();
      },
    };
    this.#server = createNetServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
      const socket = readDirectly(accepted);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      new RuntimeConnection(socket, MAX_RESPONSE_BYTES, usual);
    });
  }

  /** Calls back with HOST:PORT. */
  listen(port: number, listening: (address: string) => void, failed: (error: Error) => void): void {
    this.#server.once('error', failed);
    this.#server.listen(port, '127.0.0.1', () => listening(`127.0.0.1:${(this.#server.address() as AddressInfo).port}`));
  }

  /** Listens no more: another process may take the port. Extensions may still wait on a connection. */
  stopListening(): void {
    this.#server.close();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Hands the invocation to the client that waits for it. Returns false when none does any more. */
  deliver(invocation: Invocation): boolean {
    const res = this.#waiting;
    this.#waiting = undefined;
    if (!res || res.destroyed) return false;
    this.#state = 'Running';
    this.#id = invocation.id;
    this.#streams = invocation.streams ?? false;
    if (res instanceof RuntimeConnection) res.hand(this.#head(invocation), invocation.event);
    else this.#send(res, invocation);
    return true;
  }

  #head({ id, event, deadline, traceId, clientContext, cognitoIdentity, qualifier }: Invocation): string {
    return (
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(event)}\r\n` +
      `Lambda-Runtime-Aws-Request-Id: ${id}\r\nLambda-Runtime-Deadline-Ms: ${deadline}\r\n` +
      `Lambda-Runtime-Invoked-Function-Arn: ${this.#arnOf(qualifier)}\r\nLambda-Runtime-Trace-Id: ${traceId}\r\n` +
      (clientContext === undefined ? '' : `Lambda-Runtime-Client-Context: ${oneLine(clientContext)}\r\n`) +
      (cognitoIdentity === undefined ? '\r\n' : `Lambda-Runtime-Cognito-Identity: ${oneLine(cognitoIdentity)}\r\n\r\n`)
    );
  }

  #arnOf(qualifier: string | undefined): string {
    return qualifier === undefined ? this.#arn : `${this.#arn}:${qualifier}`;
  }

  #send(res: ServerResponse, invocation: Invocation): void {
    const { clientContext, cognitoIdentity, qualifier } = invocation;
    res.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(invocation.event),
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(invocation.deadline),
      'Lambda-Runtime-Invoked-Function-Arn': this.#arnOf(qualifier),
      'Lambda-Runtime-Trace-Id': invocation.traceId,
      ...(clientContext !== undefined && { 'Lambda-Runtime-Client-Context': utf8(clientContext) }),
      ...(cognitoIdentity !== undefined && { 'Lambda-Runtime-Cognito-Identity': utf8(cognitoIdentity) }),
    });
    // Node writes a head together with a body that is a string, and then in UTF-8: bytes of ours would become two each.
    const { event } = invocation;
    res.end(typeof event === 'string' && (clientContext ?? cognitoIdentity) !== undefined ? Buffer.from(event) : event);
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
    else if (OF_EXTENSIONS.test(path)) this.#events.extension(path, req, res);
    else refuse(req, res, RUNTIME_ERRORS.notFound);
  }

  #only(method: 'GET' | 'POST', req: IncomingMessage, res: ServerResponse, handle: () => void): void {
    if (req.method === method) handle();
    else refuse(req, res, RUNTIME_ERRORS.wrongMethod);
  }

  #next(res: ServerResponse | RuntimeConnection): void {
    this.#waiting = res;
    // One turn of the loop later, what the process wrote before it asked has been read and is logged under the request that it belongs to.
    setImmediate(() => {
      this.#state = 'Ready';
      this.#events.next();
    });
  }

  /** Whether a response or an error to this id may come now; if not, that is answered. */
  #begins(id: string, target: string, req: IncomingMessage, res: ServerResponse): boolean {
    const known = this.#isRunning(decoded(id));
    if (known && this.#respond()) return true;
    refuse(req, res, known ? wrongState(this.#state, target) : RUNTIME_ERRORS.invalidRequestId);
    return false;
  }

  #isRunning(id: string): boolean {
    return this.#id !== '' && id === this.#id;
  }

  #respond(): boolean {
    if (this.#state !== 'Running') return false;
    this.#state = 'InvocationResponse';
    return true;
  }

  #answered(outcome: Outcome): void {
    this.#state = 'RuntimeResponseSentState';
    this.#events.answer(outcome);
  }

  /** The invocation is answered, and so is the runtime. */
  #answer(res: ServerResponse, outcome: Outcome, error?: RuntimeError): void {
    this.#answered(outcome);
    if (error) sendRuntimeError(res, error);
    else accept(res);
  }

  #response(id: string, req: IncomingMessage, res: ServerResponse): void {
    if (!this.#begins(id, 'InvocationResponse', req, res)) return;
    const mode = req.headers['lambda-runtime-function-response-mode'];
    const contentType = req.headers['content-type'] ?? 'application/json';
    if (mode === 'streaming' || (!mode && this.#isStream(req, contentType))) this.#stream(req, res, contentType);
    else if (mode !== undefined && mode !== '') {
      req.resume();
      this.#answer(res, handlerFailure('Runtime.InvalidResponseModeHeader', `the response mode "${mode}"`), RUNTIME_ERRORS.invalidMode);
    } else
      readBody(req, MAX_RESPONSE_BYTES, (body, complete, size) => {
        const failure = trailingFailure(req);
        if (!complete) this.#answer(res, TRUNCATED, RUNTIME_ERRORS.truncated);
        else if (failure) this.#answer(res, failure);
        else if (!body) this.#answer(res, responseTooLarge(size, MAX_RESPONSE_BYTES), RUNTIME_ERRORS.tooLarge);
        else this.#answer(res, { kind: 'result', body, contentType });
      });
  }

  /** Go's client does not say that it streams: it sends in chunks whatever it sends. On AWS the caller decides; here a response with a prelude does, too. */
  #isStream(req: IncomingMessage, contentType: string): boolean {
    return req.headers['content-length'] === undefined && (this.#streams || contentType === INTEGRATION);
  }

  #stream(req: IncomingMessage, res: ServerResponse, contentType: string): void {
    let ended = false;
    const end = (outcome: Outcome, error?: RuntimeError): void => {
      if (ended) return;
      ended = true;
      this.#answer(res, outcome, error);
    };
    req.on('end', () => end(trailingFailure(req) ?? { kind: 'streamed' }));
    // After its end, nothing; before that, the process has broken off.
    req.on('error', () => end(TRUNCATED, RUNTIME_ERRORS.truncated));
    req.on('close', () => end(TRUNCATED, RUNTIME_ERRORS.truncated));
    this.#events.stream(req, contentType);
  }

  #error(id: string, req: IncomingMessage, res: ServerResponse): void {
    if (!this.#begins(id, 'InvocationErrorResponse', req, res)) return;
    readBody(req, MAX_RESPONSE_BYTES, (body, complete, size) => {
      if (!complete) this.#answer(res, TRUNCATED, RUNTIME_ERRORS.truncated);
      else this.#answer(res, body ? posted('HandlerError', body, req) : responseTooLarge(size, MAX_RESPONSE_BYTES));
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

/** An error that a client met when it had begun to send. */
function trailingFailure({ trailers }: IncomingMessage): Failure | undefined {
  const type = trailers['lambda-runtime-function-error-type'];
  if (type === undefined) return undefined;
  return postedFailure('HandlerError', Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64'), type);
}

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

/** JSON may have ends of lines in it, a header may not. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

/** A header's bytes are its characters: this makes them UTF-8, as AWS sends them. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1');
}
