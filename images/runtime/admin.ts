import { createServer, type Server } from 'node:http';

/** /healthz (the event loop turns), /readyz and /metrics, on a port out of the way of a user's own server. */
export function adminServer(isReady: () => boolean, metrics: () => string): Server {
  return createServer((req, res) => {
    const path = req.url?.split('?', 1)[0];
    if (path === '/healthz') res.end('ok\n');
    else if (path === '/readyz') {
      res.statusCode = isReady() ? 200 : 503;
      res.end(isReady() ? 'ok\n' : 'not ready\n');
    } else if (path === '/metrics') {
      res.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      res.end(metrics());
    } else {
      res.statusCode = 404;
      res.end('not found: /healthz, /readyz and /metrics are\n');
    }
  });
}
