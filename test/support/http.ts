import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body as bytes. */
  raw: Buffer;
  /** From sending to the first byte of the answer, and to its end. */
  firstByteMillis: number;
  millis: number;
}

export interface CallOptions {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
  timeoutMillis?: number;
}

/** The parts of an answer's Server-Timing, in ms by name. Of a name given twice the last counts: the bridge's parts come first, the activator's last. */
export function serverTiming({ headers }: Answer): ReadonlyMap<string, number> {
  const header = String(headers['server-timing'] ?? '');
  return new Map([...header.matchAll(/(\w+);dur=([\d.]+)/g)].map(([, name = '', millis]) => [name, Number(millis)]));
}

/** Where the activator listens: LULL_URL, as `make -s env` prints it. */
export function lullUrl(): URL {
  const url = process.env['LULL_URL'];
  if (!url) throw new Error('LULL_URL is not set: eval "$(make -s env)"');
  return new URL(url);
}

/** Calls a function by its host name, through the activator. */
export function call(name: string, namespace: string, options: CallOptions = {}): Promise<Answer> {
  const url = lullUrl();
  return callAt(url.hostname, Number(url.port || 80), {
    ...options,
    headers: { host: `${name}.${namespace}.lull.localhost`, ...options.headers },
  });
}

/** One HTTP request on a connection of its own unless an agent is given. */
export function callAt(host: string, port: number, options: CallOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const req = request(
      {
        host,
        port,
        method: options.method ?? 'GET',
        path: options.path ?? '/',
        headers: options.headers,
        agent: options.agent ?? false,
        timeout: options.timeoutMillis ?? 120_000,
      },
      (res) => {
        const firstByteMillis = performance.now() - begun;
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const raw = Buffer.concat(chunks);
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            body: raw.toString(),
            raw,
            firstByteMillis,
            millis: performance.now() - begun,
          });
        });
      },
    );
    req.on('timeout', () => req.destroy(new Error('timeout of the test client')));
    req.on('error', reject);
    req.end(options.body);
  });
}
