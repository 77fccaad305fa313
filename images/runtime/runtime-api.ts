import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './body.ts';
import type { Invocation } from './invocation.ts';

/** 6 MiB and a little, as AWS has it. */
export const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

/** What a client of the Runtime API did. */
export interface RuntimeApiEvents {
  next(): void;
  /** `body` is undefined when it was larger than allowed. */
  response(id: string, body: Buffer | undefined, contentType: string, errorTrailer: string | undefined): void;
  error(id: string, body: Buffer | undefined): void;
  initError(body: Buffer | undefined): void;
}

/**
 * AWS's Runtime API, 2018-06-01, for one handler process. Each process has a port of its own: some clients take nothing but HOST:PORT, and so a result, a
 * crash and a log line belong to exactly one invocation.
 */
export class RuntimeApi {
  readonly #server: Server;
  readonly #arn: string;
  #events: RuntimeApiEvents;
  #waiting: ServerResponse | undefined;

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
    res.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(invocation.event),
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(invocation.deadline),
      'Lambda-Runtime-Invoked-Function-Arn': this.#arn,
      'Lambda-Runtime-Trace-Id': invocation.traceId,
      ...(invocation.clientContext !== undefined && { 'Lambda-Runtime-Client-Context': invocation.clientContext }),
    });
    res.end(invocation.event);
    return true;
  }

  #handle(req: IncomingMessage, res: ServerResponse): void {
    res.on('error', () => undefined);
    const path = (req.url ?? '').split('?', 1)[0] as string;
    if (req.method === 'GET' && path === '/2018-06-01/runtime/invocation/next') {
      this.#waiting = res;
      // One turn of the loop later, what the process wrote before it asked has been read and is logged under the request that it belongs to.
      setImmediate(() => this.#events.next());
      return;
    }
    const [, id, what] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const isInit = path === '/2018-06-01/runtime/init/error';
    if (req.method !== 'POST' || !(isInit || what)) {
      res.writeHead(404, { 'Content-Type': 'application/json' });
      res.end('{"errorMessage":"No such path in the Runtime API 2018-06-01.","errorType":"NotFound"}');
      return;
    }
    readBody(req, MAX_RESPONSE_BYTES, (body, complete) => {
      if (complete) {
        if (isInit) this.#events.initError(body);
        else if (what === 'error') this.#events.error(decodeURIComponent(id ?? ''), body);
        else {
          const trailer = req.trailers['lambda-runtime-function-error-type'];
          this.#events.response(decodeURIComponent(id ?? ''), body, req.headers['content-type'] ?? 'application/json', trailer);
        }
      }
      res.writeHead(202, { 'Content-Type': 'application/json' });
      res.end('{"status":"OK"}');
    });
  }
}
