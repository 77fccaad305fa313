import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { readConfig } from '../config.ts';
import type { ExchangeOptions } from '../exchange.ts';
import { HTTP_EVENTS } from '../http-events.ts';
import type { Invocation } from '../invocation.ts';
import { Metrics } from '../metrics.ts';
import { NodeCall } from '../node-call.ts';
import { answering, LIMITS, RequestServer } from '../requests.ts';
import { INTEGRATION } from '../streamed.ts';

/** What the handler of these tests returns, by path; anything else is answered with the event itself. */
const RESULTS: Readonly<Record<string, object>> = {
  '/text': { statusCode: 201, headers: { 'Content-Type': 'text/plain' }, body: 'plain' },
  '/utf8': { statusCode: 200, body: 'é € 𝄞' },
  '/latin1': { statusCode: 200, headers: { 'X-Name': 'é' }, body: 'plain' },
  '/both': { statusCode: 200, headers: { 'X-Name': 'é' }, body: '€' },
  '/none': { statusCode: 204, body: 'dropped' },
  '/unchanged': { statusCode: 304, headers: { ETag: '"1"' } },
  '/odd': { statusCode: 299, body: '' },
  '/many': { statusCode: 200, multiValueHeaders: { 'X-A': ['1', '2'], Vary: ['A', 'B'] }, cookies: ['a=1', 'b=2'], body: '' },
  '/cookie': { statusCode: 200, multiValueHeaders: { Cookie: ['a', 'b'] }, body: 'x' },
  '/date': { statusCode: 200, headers: { Date: 'Mon, 01 Jan 2024 00:00:00 GMT' }, body: 'x' },
  '/trailer': { statusCode: 200, headers: { Trailer: 'X-A' }, body: 'x' },
  '/own': {
    statusCode: 200,
    headers: { 'X-Amzn-RequestId': 'mine', 'server-timing': 'mine', Connection: 'close', 'Content-Length': '9' },
    body: 'x',
  },
  '/invalid': { statusCode: 200, headers: { 'X-Name': '€' }, body: 'x' },
  '/no-response': { statusCode: 42 },
  '/base64': { statusCode: 200, body: Buffer.from([0, 255, 10]).toString('base64'), isBase64Encoded: true },
  '/large': { statusCode: 200, body: 'x'.repeat(200_000) },
  '/large-utf8': { statusCode: 200, headers: { 'X-Name': 'é' }, body: 'é'.repeat(200_000) },
};

/** A handler that is not a process. */
function handle(invocation: Invocation): void {
  const event = JSON.parse(invocation.event.toString()) as { rawPath?: string };
  const result = (value: object): void =>
    invocation.finish({ kind: 'result', body: Buffer.from(JSON.stringify(value)), contentType: 'application/json' });
  const path = event.rawPath ?? '';
  if (path.startsWith('/stream')) stream(invocation, path);
  else if (path === '/error') invocation.finish({ kind: 'error', code: 'HandlerError', detail: 'why' });
  else if (path === '/later') setImmediate(() => result({ statusCode: 200, body: 'later' }));
  else if (path !== '/never') result(RESULTS[path] ?? { statusCode: 200, body: JSON.stringify(withoutTimes(event)) });
  invocation.onLine?.('a line');
  invocation.reported?.();
}

function stream(invocation: Invocation, path: string): void {
  const source = new PassThrough();
  source.on('end', () =>
    invocation.finish(path === '/stream-broken' ? { kind: 'error', code: 'HandlerError', detail: 'broke off' } : { kind: 'streamed' }),
  );
  invocation.stream(source, path === '/stream-prelude' || path === '/stream-wrong' ? INTEGRATION : 'text/plain');
  if (path === '/stream-wrong') source.write('no prelude\0\0\0\0\0\0\0\0');
  if (path === '/stream-prelude') source.write('{"statusCode":418,"headers":{"x-a":"é"}}\0\0\0\0\0\0\0\0');
  if (path === '/stream-large') for (let i = 0; i < 64; i++) source.write('y'.repeat(65_536));
  source.write('a');
  setImmediate(() => source.end('b'));
}

/** What the tests compare: the event without what differs each time. */
function withoutTimes(event: object): object {
  const { requestContext, ...rest } = event as { requestContext?: { http?: object } };
  return { ...rest, http: requestContext?.http };
}

export interface Served {
  /** Reads usual requests by itself. */
  plain: number;
  /** node:http alone, as a reference. */
  node: number;
  server: RequestServer;
  metrics: Metrics;
  invoked: Invocation[];
  close(): void;
}

/** The bridge's port for activators, and the same by node:http, before a handler that is not a process. */
export async function served(parts: Partial<ExchangeOptions> = {}): Promise<Served> {
  const env = {
    LULL_NAMESPACE: 'ns',
    LULL_FUNCTION: 'f',
    LULL_REVISION: 'f-1',
    LULL_POD: 'pod',
    LULL_COMMAND: '["x"]',
    LULL_HANDLER: 'a.b',
  };
  const invoked: Invocation[] = [];
  const metrics = new Metrics();
  const options: ExchangeOptions = {
    config: readConfig({ ...env, LULL_TOKEN: 't', LULL_POD_IP: '127.0.0.1', LULL_ACTIVATOR: '127.0.0.1:1' }),
    translation: HTTP_EVENTS['apigateway-v2'],
    pool: {
      ready: true,
      invoke: (invocation) => {
        invoked.push(invocation);
        handle(invocation);
      },
    },
    log: () => undefined,
    metrics,
    isDraining: () => false,
    onRequest: () => undefined,
    ...parts,
  };
  const server = new RequestServer(options);
  const plain = await new Promise<number>((resolve) => server.listen(0, resolve));
  const answer = answering(options);
  const node: Server = createServer({ ...LIMITS, keepAliveTimeout: 0, requestTimeout: 0 }, (req, res) => answer(new NodeCall(req, res)));
  await new Promise<void>((resolve) => node.listen(0, resolve));
  const close = (): void => {
    server.close();
    node.close().closeAllConnections();
  };
  return { plain, node: (node.address() as AddressInfo).port, server, metrics, invoked, close };
}
