import { Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { splitHostPort } from '../../common/host-port.ts';
import type { Config } from './config.ts';
import { type DirectHead, endToEnd } from './direct-head.ts';
import { ERRORS, type ErrorCode, errorBody } from './errors.ts';

/**
 * An idle connection is used again for so long. An activator that ends answers with `Connection: close` for 2 s before it closes idle connections, so one that
 * was used within less than that is either still good or has said that it is not: no request meets a connection that is being closed.
 */
const REUSE_MILLIS = 1500;
const MAX_IDLE_CONNECTIONS = 64;
const CONNECT_MILLIS = 3000;
/** While activators cannot be connected to (they restart) it is tried again: nothing has been sent yet. */
const RETRY_MILLIS = 100;
const GIVE_UP_MILLIS = 10_000;

/** Hands requests on to the activators, streaming both ways: what this pod has no room for waits there, or runs in another pod. */
export class Forwarder {
  /** Requests under way. */
  open = 0;
  readonly host: string;
  readonly port: number;
  /** The name by which activators route to this function. */
  readonly #name: string;
  #agent: Agent | undefined;

  constructor(config: Config) {
    const { host, port } = splitHostPort(config.activatorHttp);
    this.host = host;
    this.port = port;
    this.#name = `${config.function}.${config.namespace}`;
  }

  get agent(): Agent {
    this.#agent ??= new Agent({ keepAlive: true, timeout: REUSE_MILLIS, maxFreeSockets: MAX_IDLE_CONNECTIONS });
    return this.#agent;
  }

  forward(req: IncomingMessage, res: ServerResponse, head: DirectHead): void {
    this.open += 1;
    res.on('close', () => {
      this.open -= 1;
    });
    new Forwarding(this, req, res, this.#fields(req, head), head.requestId).attempt();
  }

  /** The caller's own fields, our framing, and the name that the activators know. */
  #fields(req: IncomingMessage, head: DirectHead): string[] {
    const fields = ['Host', this.#name];
    for (let i = 0; i < head.rawHeaders.length; i += 2) {
      const name = (head.rawHeaders[i] as string).toLowerCase();
      if (name !== 'host' && name !== 'content-length') fields.push(head.rawHeaders[i] as string, head.rawHeaders[i + 1] as string);
    }
    if (req.headers['transfer-encoding'] !== undefined) fields.push('Transfer-Encoding', 'chunked');
    else fields.push('Content-Length', req.headers['content-length'] ?? '0');
    return fields;
  }
}

/** One request on its way to an activator. */
class Forwarding {
  readonly #forwarder: Forwarder;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #fields: string[];
  readonly #requestId: string;
  readonly #begun = performance.now();

  constructor(forwarder: Forwarder, req: IncomingMessage, res: ServerResponse, fields: string[], requestId: string) {
    this.#forwarder = forwarder;
    this.#req = req;
    this.#res = res;
    this.#fields = fields;
    this.#requestId = requestId;
    res.on('error', () => undefined);
  }

  /** Sends nothing before a connection stands, so that one that could not be made may be tried again. */
  attempt(): void {
    const { host, port, agent } = this.#forwarder;
    if (this.#res.destroyed) return;
    const up = request({ host, port, agent, method: this.#req.method, path: originForm(this.#req.url), headers: this.#fields });
    let sent = false;
    const slow = setTimeout(() => up.destroy(new Error(`no connection within ${CONNECT_MILLIS} ms`)), CONNECT_MILLIS);
    const send = (): void => {
      sent = true;
      clearTimeout(slow);
      this.#req.pipe(up);
    };
    const left = (): void => {
      up.destroy();
    };
    up.on('socket', (socket) => (socket.connecting ? socket.once('connect', send) : send()));
    up.on('response', (answer) => this.#answer(answer));
    up.on('error', () => this.#failed(up, sent));
    up.on('close', () => {
      clearTimeout(slow);
      this.#res.off('close', left);
    });
    this.#res.on('close', left);
  }

  #answer(answer: IncomingMessage): void {
    const res = this.#res;
    answer.on('error', () => res.destroy());
    // The connection ends with it: its next request is to look for room elsewhere.
    res.writeHead(answer.statusCode ?? 502, answer.statusMessage, [
      ...endToEnd(answer.rawHeaders, answer.headers.connection),
      'Connection',
      'close',
    ]);
    answer.pipe(res);
  }

  #failed(up: ClientRequest, sent: boolean): void {
    const res = this.#res;
    this.#req.unpipe(up);
    if (res.destroyed) return;
    if (res.headersSent) res.destroy();
    else if (sent) this.#refuse('ActivatorLost');
    else if (performance.now() - this.#begun >= GIVE_UP_MILLIS) this.#refuse('NoActivator');
    else setTimeout(() => this.attempt(), RETRY_MILLIS);
  }

  #refuse(code: ErrorCode): void {
    const { status } = ERRORS[code];
    this.#res.writeHead(status, {
      'Content-Type': 'application/json',
      'X-Lull-Error': code,
      'X-Request-Id': this.#requestId,
      Connection: 'close',
      ...(status === 503 && { 'Retry-After': '1' }),
    });
    this.#res.end(`${errorBody(code, this.#requestId)}\n`);
    this.#req.resume();
  }
}

/** A request target without scheme and authority: the activators would go by those. */
function originForm(target = '/'): string {
  if (target.startsWith('/') || target === '*') return target;
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? '';
  return path.startsWith('/') ? path : `/${path}`;
}
