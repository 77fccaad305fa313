import { Agent, type Dispatcher } from 'undici';
import { KubeError } from './kube-error.ts';
import { readLines } from './lines.ts';
import type { KubeResponse, KubeTransport, RequestOptions } from './transport.ts';

/** How to reach and convince an API server. */
export interface Credentials {
  ca?: string;
  cert?: string;
  key?: string;
  /** Do not check the server's certificate. */
  insecure?: boolean;
  /** Name to check the certificate against, when it is not the host's. */
  servername?: string;
  /** Value of the Authorization header. */
  authorization?: string;
}

export interface UndiciTransportOptions extends Omit<Credentials, 'authorization'> {
  /** `https://HOST:PORT`, with a path prefix if the API lies under one. */
  server: string;
  /** Asked for each request, so that a rotated token is used as soon as it is there. */
  authorization?: () => string | undefined;
  /** In place of all of the above when credentials rotate as a whole (a kubeconfig's exec plugin). Asked for each request; new TLS material makes new connections. */
  credentials?: () => Promise<Credentials>;
}

const REQUEST_TIMEOUT_MILLIS = 10_000;

/**
 * A transport on npm's undici: never the global fetch, whose bundled undici may be one of those that cost 1.3 ms per reused socket (nodejs/undici#5493).
 * Watches have connections of their own, so that they never hold up a request.
 */
export function undiciTransport(options: UndiciTransportOptions): KubeTransport {
  const base = new URL(options.server);
  const prefix = base.pathname.replace(/\/$/, '');
  let agents: Agents | undefined;

  async function prepare(accept = 'application/json'): Promise<{ agents: Agents; headers: Record<string, string> }> {
    const credentials = options.credentials === undefined ? fixedCredentials(options) : await options.credentials();
    if (agents === undefined || !agents.serve(credentials)) {
      agents?.retire();
      agents = new Agents(credentials);
    }
    const { authorization } = credentials;
    return {
      agents,
      headers: { accept, 'user-agent': 'lull', ...(authorization === undefined ? {} : { authorization }) },
    };
  }

  return {
    async request(
      method,
      path,
      { body, contentType = 'application/json', signal, timeoutMillis = REQUEST_TIMEOUT_MILLIS, accept }: RequestOptions = {},
    ) {
      const where = `${method} ${path}`;
      const deadline = AbortSignal.timeout(timeoutMillis);
      try {
        const { agents, headers } = await prepare(accept);
        const response = await agents.requests.request({
          origin: base.origin,
          path: prefix + path,
          method: method as Dispatcher.HttpMethod,
          headers: body === undefined ? headers : { ...headers, 'content-type': contentType },
          body: body === undefined ? null : JSON.stringify(body),
          signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        });
        const parsed = parseBody(await response.body.text());
        if (response.statusCode >= 400) throw KubeError.fromStatus(response.statusCode, parsed, where, retryAfter(response));
        return { status: response.statusCode, body: parsed } satisfies KubeResponse;
      } catch (error) {
        if (error instanceof KubeError) throw error;
        if (signal?.aborted) throw new KubeError(0, 'Aborted', `${where}: given up by the caller`, { cause: error });
        if (deadline.aborted) throw new KubeError(0, 'Timeout', `${where}: no answer within ${timeoutMillis} ms`, { cause: error });
        throw connectionFailure(where, error);
      }
    },

    async watch(path, onLine, signal, accept) {
      const where = `WATCH ${path}`;
      let inListener = false;
      try {
        const { agents, headers } = await prepare(accept);
        const response = await agents.watches.request({ origin: base.origin, path: prefix + path, method: 'GET', headers, signal });
        if (response.statusCode >= 400) {
          throw KubeError.fromStatus(response.statusCode, parseBody(await response.body.text()), where, retryAfter(response));
        }
        await readLines(response.body, (text) => {
          const line = parseLine(text, where);
          inListener = true;
          onLine(line);
          inListener = false;
        });
      } catch (error) {
        if (inListener || error instanceof KubeError) throw error;
        if (!signal.aborted) throw connectionFailure(where, error);
      }
    },

    async close() {
      await agents?.destroy();
    },
  };
}

/** The connections made with one set of TLS material. */
class Agents {
  readonly requests: Agent;
  readonly watches: Agent;
  readonly #material: string;

  constructor(credentials: Credentials) {
    this.#material = tlsMaterial(credentials);
    const connect = {
      ...(credentials.ca === undefined ? {} : { ca: credentials.ca }),
      ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
      ...(credentials.key === undefined ? {} : { key: credentials.key }),
      ...(credentials.servername === undefined ? {} : { servername: credentials.servername }),
      rejectUnauthorized: credentials.insecure !== true,
      timeout: 5_000,
      keepAlive: true,
      // libuv probes every second, ten times, after this: a host that vanished without a FIN is noticed after 20 s, even on a quiet watch.
      keepAliveInitialDelay: 10_000,
    };
    // HTTP/1.1: undici's h2 client needed some 15 fixes for crashes and requests that never settle in the summer of 2026 alone.
    // 60 s of keep-alive stays under the API server's own 90 s, and leaves the connection for waking a function warm.
    this.requests = new Agent({ connect, allowH2: false, connections: 16, keepAliveTimeout: 60_000 });
    this.watches = new Agent({ connect, allowH2: false, headersTimeout: 30_000, bodyTimeout: 0 });
  }

  serve(credentials: Credentials): boolean {
    return tlsMaterial(credentials) === this.#material;
  }

  /** Running requests and watches finish on the old connections. */
  retire(): void {
    void this.requests.close().catch(() => {});
    void this.watches.close().catch(() => {});
  }

  async destroy(): Promise<void> {
    await Promise.all([this.requests.destroy(), this.watches.destroy()]);
  }
}

function tlsMaterial({ ca, cert, key, insecure, servername }: Credentials): string {
  return JSON.stringify([ca, cert, key, insecure, servername]);
}

function fixedCredentials({ authorization, ...rest }: UndiciTransportOptions): Credentials {
  const value = authorization?.();
  return value === undefined ? rest : { ...rest, authorization: value };
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseLine(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubeError(0, 'MalformedLine', `${where}: a line is not JSON: ${text.slice(0, 100)}`, { cause });
  }
}

function retryAfter(response: Dispatcher.ResponseData): string | undefined {
  const value = response.headers['retry-after'];
  return typeof value === 'string' ? value : undefined;
}

function connectionFailure(where: string, cause: unknown): KubeError {
  return new KubeError(0, 'ConnectionFailed', `${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
