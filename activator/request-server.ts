import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerError } from './errors.ts';
import { Exchange, type ExchangeContext } from './forward/exchange.ts';
import type { FunctionTable } from './function-table.ts';
import type { ActivatorMetrics } from './metrics.ts';
import { type RouteNames, route } from './routing/route.ts';

/** A client's own request id is kept when it is one that may go into a log. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:/=+-]{1,128}$/;

export interface RequestServerOptions {
  table: FunctionTable;
  names: RouteNames;
  metrics: ActivatorMetrics;
  context: ExchangeContext;
  isDraining: () => boolean;
}

/** The request port: a request's way begins here → route → function → held, or forwarded (forward/exchange.ts). */
export function requestServer(options: RequestServerOptions): Server {
  const { table, names, metrics, context } = options;
  const server = createServer(
    {
      // Longer than the idle time of common load balancers (60 s), or they send into a connection that we close.
      keepAliveTimeout: 75_000,
      headersTimeout: 20_000,
      // Uploads may take as long as they like; the function's own time limit counts.
      requestTimeout: 0,
      maxHeaderSize: 65_536,
      noDelay: true,
      highWaterMark: 65_536,
    },
    (req: IncomingMessage, res: ServerResponse) => {
      const given = req.headers['x-request-id'];
      const requestId = typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
      req.on('error', () => undefined);
      res.on('error', () => undefined);
      const found = route(req.headers.host, req.url ?? '/', names, table.has);
      const fn = found && table.get(found.key);
      if (!found || !fn) {
        answerError(res, 'NoSuchFunction', requestId);
        return;
      }
      if (options.isDraining()) res.setHeader('connection', 'close');
      fn.admit(new Exchange(req, res, fn, found, requestId, metrics.of(fn), context));
    },
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    const code = error.code === 'HPE_HEADER_OVERFLOW' ? 'RequestHeadersTooLarge' : 'BadRequest';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nX-Lull-Error: ${code}\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}
