/**
 * The native cluster's way to package registries: its pods do not reach the Internet, nor know its names, and this machine may need certificates and addresses of its own.
 * Pods ask this process by HTTP, it asks the registries as the machine itself does, and nothing but registries. Started by registries/index.ts.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Routes } from './rewrite.ts';

const [host = '', port = '', ...registries] = process.argv.slice(2);
const withoutUser = registries.map((registry) => {
  const url = new URL(registry);
  return {
    origin: url.origin,
    authorization: url.username ? `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}` : undefined,
  };
});
const routes = new Routes(`http://${host}:${port}`, registries);

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.url === '/healthz') return void res.end('ok\n');
  const url = routes.there(req.url ?? '');
  if (!url || (req.method !== 'GET' && req.method !== 'HEAD'))
    return void res.writeHead(403).end('only package registries are reached here\n');
  const authorization = withoutUser.find(({ origin }) => origin === url.origin)?.authorization;
  const accept = req.headers.accept ?? '*/*';
  const upstream = await fetch(url, {
    method: req.method,
    headers: { accept, 'accept-encoding': 'identity', ...(authorization && { authorization }) },
  });
  const type = upstream.headers.get('content-type') ?? 'application/octet-stream';
  if (/html|json/.test(type)) {
    res.writeHead(upstream.status, { 'content-type': type }).end(routes.rewrite(await upstream.text()));
    return;
  }
  res.writeHead(upstream.status, { 'content-type': type });
  if (upstream.body) await pipeline(Readable.fromWeb(upstream.body), res);
  else res.end();
}

createServer((req, res) => {
  answer(req, res).catch((error: unknown) => {
    console.error(`${req.method} ${req.url}: ${error}`, (error as Error).cause ?? '');
    if (res.headersSent) res.destroy();
    else res.writeHead(502).end(`${(error as Error).message}\n`);
  });
}).listen(Number(port), host);
