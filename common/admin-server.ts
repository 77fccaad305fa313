import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** What a component says of itself on its own port. */
export interface AdminOptions {
  registry: Registry;
  /** Whether it can do its work now (caches filled, not draining). */
  isReady: () => boolean;
  /** Other paths, each answered with JSON. */
  json?: Readonly<Record<string, () => unknown>>;
}

/** /healthz (the event loop turns), /readyz and /metrics. */
export function adminServer({ registry, isReady, json = {} }: AdminOptions): Server {
  return createServer((req, res) => {
    const path = req.url?.split('?')[0];
    if (path === '/healthz') res.end('ok\n');
    else if (path === '/readyz') {
      res.statusCode = isReady() ? 200 : 503;
      res.end(isReady() ? 'ok\n' : 'not ready\n');
    } else if (path === '/metrics') {
      registry.metrics().then(
        (text) => {
          res.setHeader('content-type', registry.contentType);
          res.end(text);
        },
        (error: unknown) => {
          res.statusCode = 500;
          res.end(String(error));
        },
      );
    } else if (path !== undefined && Object.hasOwn(json, path)) {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(json[path]?.()));
    } else {
      res.statusCode = 404;
      res.end('not found: /healthz, /readyz and /metrics are\n');
    }
  });
}
