import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { raw, statuses } from '../testing/raw.ts';
import { fnObject, Rig } from '../testing/rig.ts';

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: f.ns\r\n${more}\r\n`;

describe('HTTP/1 through the activator', () => {
  let rig: Rig;
  const servers: Server[] = [];
  beforeEach(async () => {
    rig = new Rig();
    await rig.listen();
    rig.add(fnObject('f', { protocol: 'http', concurrency: 20 }), 1);
  });
  afterEach(() => {
    rig.close();
    for (const server of servers.splice(0)) server.close();
  });
  const fn = () => rig.plane.table.get('ns/f');

  /** A pod that answers each connection's bytes as told. */
  async function rawPod(onRequest: (text: string, socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => onRequest(chunk.toString('latin1'), socket));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await rig.announce('f', (server.address() as AddressInfo).port, 'pod-raw');
  }

  it('pipelined requests are answered in order, each by its own answer', async () => {
    await rig.pod('f', (req, res) => setTimeout(() => res.end(`<${req.url}>`), req.url === '/0' ? 50 : 0));
    const text = await raw(rig.port, Array.from({ length: 10 }, (_, i) => get(`/${i}`)).join(''), (got) => got.includes('</9>'));
    expect([...text.matchAll(/<(\/\d)>/g)].map(([, path]) => path)).toEqual(Array.from({ length: 10 }, (_, i) => `/${i}`));
  });

  it('chunked both ways, trailers both ways', async () => {
    const trailers: unknown[] = [];
    await rig.pod('f', (req, res) => {
      res.writeHead(200, { trailer: 'x-sum' });
      req.on('data', (chunk: Buffer) => res.write(chunk));
      req.on('end', () => {
        trailers.push(req.trailers);
        res.addTrailers({ 'x-sum': 'done' });
        res.end();
      });
    });
    const body = '5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-End: yes\r\n\r\n';
    const text = await raw(rig.port, `POST / HTTP/1.1\r\nHost: f.ns\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n${body}`, (got) =>
      got.endsWith('x-sum: done\r\n\r\n'),
    );
    expect(trailers).toEqual([{ 'x-end': 'yes' }]);
    expect(text).toContain('Transfer-Encoding: chunked');
    expect(text.slice(text.indexOf('\r\n\r\n')).replaceAll(/\r\n[0-9a-f]+\r\n|\r\n/g, '')).toContain('hello world');
    expect(text).toMatch(/0\r\nx-sum: done\r\n\r\n$/);
  });

  it('100-continue comes from the server, early hints are passed on', async () => {
    const server = createHttpServer((_req, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      res.end('end');
    });
    server.on('checkContinue', (req, res) => {
      res.writeContinue();
      req.resume().on('end', () => res.end('continued'));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await rig.announce('f', (server.address() as AddressInfo).port, 'pod-1');
    const head = 'POST / HTTP/1.1\r\nHost: f.ns\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n';
    const text = await new Promise<string>((resolve) => {
      let got = '';
      const socket = connect(rig.port, '127.0.0.1', () => socket.write(head));
      socket.on('data', (chunk) => {
        got += chunk.toString();
        if (got.endsWith('100 Continue\r\n\r\n')) socket.write('abc');
        if (got.includes('continued')) resolve(got);
      });
    });
    expect(statuses(text)).toEqual([100, 200]);
    const hints = await raw(rig.port, get('/'), (got) => got.includes('end'));
    expect(statuses(hints)).toEqual([103, 200]);
    expect(hints).toContain('Link: </a.css>; rel=preload');
    // A client that does not wait for 100 gets none.
    expect(statuses(await raw(rig.port, get('/', 'Connection: close\r\n')))).toEqual([103, 200]);
  });

  it('HEAD, 204 and 304 have no body and keep the connection', async () => {
    await rig.pod('f', (req, res) => {
      if (req.url === '/204') res.writeHead(204).end();
      else if (req.url === '/304') res.writeHead(304, { etag: '"a"' }).end();
      else res.setHeader('content-length', 5).end('12345');
    });
    const text = await raw(rig.port, `HEAD / HTTP/1.1\r\nHost: f.ns\r\n\r\n${get('/204')}${get('/304')}${get('/')}`, (got) =>
      got.endsWith('12345'),
    );
    expect(statuses(text)).toEqual([200, 204, 304, 200]);
    expect(text.match(/Content-Length: 5/gi)?.length).toBe(2);
    expect(text.match(/12345/g)?.length).toBe(1);
  });

  it('HTTP/1.0: no chunks, and the connection ends unless asked to stay', async () => {
    await rig.pod('f', (_req, res) => {
      res.write('a');
      setImmediate(() => res.end('b'));
    });
    const text = await raw(rig.port, 'GET / HTTP/1.0\r\nHost: f.ns\r\n\r\n');
    expect(text).toMatch(/\r\n\r\nab$/);
    expect(text).not.toContain('chunked');
    expect(await raw(rig.port, 'GET /ns/f/ HTTP/1.0\r\n\r\n')).toMatch(/ab$/);
  });

  it('an answer that ends with the connection is whole for the client', async () => {
    await rawPod((_text, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
    const answer = await rig.call('f');
    expect([answer.status, answer.body]).toEqual([200, 'until the end']);
  });

  it('an answer that breaks off in the middle breaks off for the client too', async () => {
    await rawPod((_text, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.destroy()));
    await expect(rig.call('f')).rejects.toThrow();
    await vi.waitFor(() => expect(fn()?.demand.now).toBe(0));
  });

  it('bytes after an answer are nobody’s answer', async () => {
    let count = 0;
    await rawPod((_text, socket) => {
      count += 1;
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${count === 1 ? 'okHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison' : 'ok'}`,
      );
    });
    for (let i = 0; i < 5; i += 1) expect((await rig.call('f')).body).toBe('ok');
  });

  it('answers that are not HTTP are told apart', async () => {
    const broken = [
      'nonsense\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na',
      'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n',
    ];
    let at = 0;
    await rawPod((_text, socket) => socket.write(broken[at] ?? ''));
    for (; at < broken.length; at += 1) expect((await rig.call('f')).headers['x-lull-error']).toBe('PodAnswerBroken');
  });

  it('WebSockets, and the slot is taken until they close', async () => {
    const server = createHttpServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await rig.announce('f', (server.address() as AddressInfo).port, 'pod-1');
    const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/`, { headers: { host: 'f.ns' } });
    await new Promise((resolve) => socket.once('open', resolve));
    for (let i = 0; i < 5; i += 1) {
      socket.send(`m${i}`);
      expect(String(await new Promise((resolve) => socket.once('message', resolve)))).toBe(`echo m${i}`);
    }
    expect(fn()?.demand.now).toBe(1);
    socket.close();
    await vi.waitFor(() => expect(fn()?.demand.now).toBe(0));
    expect(fn()?.metrics.classes[0]).toBe(1);
  });

  it('a connection that brought an error is not used again, others are', async () => {
    const sockets = new Set<unknown>();
    await rig.pod('f', (req, res) => {
      sockets.add(req.socket);
      res.writeHead(req.url === '/fails' ? 500 : 200).end('x');
    });
    for (const [path, status, connections] of [
      ['/', 200, 1],
      ['/', 200, 1],
      ['/fails', 500, 1],
      ['/', 200, 2],
    ] as const) {
      expect((await rig.call('f', { path })).status).toBe(status);
      expect(sockets.size).toBe(connections);
    }
  });

  it('server-sent events come as they are sent', async () => {
    let send = (_text: string): void => undefined;
    await rig.pod('f', (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      send = (text) => void res.write(text);
      res.write('data: 0\n\n');
    });
    const events: string[] = [];
    const req = request({ port: rig.port, host: '127.0.0.1', headers: { host: 'f.ns' } }, (res) =>
      res.on('data', (chunk: Buffer) => events.push(chunk.toString())).on('error', () => undefined),
    );
    req.on('error', () => undefined).end();
    for (let i = 1; i < 4; i += 1) {
      await vi.waitFor(() => expect(events.length).toBe(i), { interval: 2 });
      send(`data: ${i}\n\n`);
    }
    req.destroy();
    await vi.waitFor(() => expect(fn()?.demand.now).toBe(0));
    expect(fn()?.metrics.left).toBe(1);
  });

  it('a server that closes idle connections without a word costs nobody anything', async () => {
    let executed = 0;
    await rawPod((text, socket) => {
      executed += 1;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
      // At once, so that the next request is already on its way.
      if (text.includes('/close')) setImmediate(() => socket.destroy());
    });
    const answers: number[] = [];
    for (let i = 0; i < 200; i += 1) answers.push((await rig.call('f', { path: '/close' })).status);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(executed).toBe(200);
  });

  it('a server that reads a request and dies of it: 502, and not sent again', async () => {
    let executed = 0;
    await rawPod((text, socket) => {
      if (text.includes('/die')) {
        executed += 1;
        socket.end();
      } else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    // On a connection that has been used, where a stale one would look the same.
    for (let i = 0; i < 3; i += 1) {
      expect((await rig.call('f')).status).toBe(200);
      const answer = await rig.call('f', { path: '/die' });
      expect([answer.status, answer.headers['x-lull-error']]).toEqual([502, 'PodUnreachable']);
    }
    expect(executed).toBe(3);
  });

  it('a slow upload is held back by TCP, and a held one is kept up to its bound', async () => {
    rig.add(fnObject('asleep', { concurrency: 1 }), 0);
    const socket = connect(rig.port, '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\nHost: asleep.ns\r\nContent-Length: ${50 << 20}\r\n\r\n`);
    const chunk = Buffer.alloc(1 << 20);
    for (let i = 0; i < 50; i += 1) socket.write(chunk);
    const asleep = rig.plane.table.get('ns/asleep');
    await vi.waitFor(() => expect(asleep?.queue.length).toBe(1));
    await sleep(200);
    expect(asleep?.keptBytes.used).toBeLessThan(200_000);
    let got = 0;
    await rig.pod(
      'asleep',
      (req, res) =>
        req
          .on('data', (part: Buffer) => {
            got += part.length;
          })
          .on('end', () => res.end(String(got))),
      'pod-asleep',
    );
    const text = await new Promise<string>((resolve) =>
      socket.on('data', (data) => (data.toString().includes('\r\n\r\n') ? resolve(data.toString()) : undefined)),
    );
    expect(text).toContain(String(50 << 20));
    expect(asleep?.keptBytes.used).toBe(0);
    socket.destroy();
  });

  it('an answer before the upload’s end reaches the client', async () => {
    await rig.pod('f', (_req, res) => res.writeHead(413).end('too much'));
    const socket = connect(rig.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`POST / HTTP/1.1\r\nHost: f.ns\r\nContent-Length: 1000000\r\n\r\nabc`);
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    await new Promise((resolve) => socket.once('end', resolve));
    expect(statuses(text)).toEqual([413]);
    expect(text).toContain('Connection: close');
    await vi.waitFor(() => expect(fn()?.demand.now).toBe(0));
  });

  it('believes X-Forwarded-* only of trusted proxies', async () => {
    const seen: string[] = [];
    const listener = (req: { headers: Record<string, unknown> }, res: { end: (text: string) => void }) => {
      seen.push(
        `${String(req.headers['x-forwarded-for'])} ${String(req.headers['x-forwarded-proto'])} ${String(req.headers['x-real-ip'])}`,
      );
      res.end('ok');
    };
    const headers = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-real-ip': '9.9.9.9', x_forwarded_for: '6.6.6.6' };
    await rig.pod('f', listener as never);
    await rig.call('f', { headers });
    const trusting = new Rig(5000, 100, { trustedProxies: ['127.0.0.0/8'] });
    await trusting.listen();
    trusting.add(fnObject('f', { concurrency: 5 }), 1);
    await trusting.pod('f', listener as never);
    await trusting.call('f', { headers });
    trusting.close();
    expect(seen).toEqual(['127.0.0.1 http undefined', '1.2.3.4, 127.0.0.1 https 9.9.9.9']);
  });

  it('slow clients, idle ones and too many of one address are shown out', async () => {
    const limits = {
      headBytes: 4096,
      requestLineBytes: 1000,
      fields: 20,
      bodyBytes: 1000,
      idleMillis: 1500,
      headMillis: 500,
      stallMillis: 500,
      connectionsPerAddress: 3,
    };
    const strict = new Rig(5000, 100, { limits });
    await strict.listen();
    strict.add(fnObject('f', { concurrency: 5 }), 1);
    await strict.pod('f', (req, res) => req.resume().on('end', () => res.end('ok')));
    expect(statuses(await raw(strict.port, 'GET / HTTP/1.1\r\nHo', () => false, 4000))).toEqual([408]);
    expect(await raw(strict.port, '', () => false, 4000)).toBe('');
    expect(statuses(await raw(strict.port, 'POST / HTTP/1.1\r\nHost: f.ns\r\nContent-Length: 10\r\n\r\nabc', () => false, 4000))).toEqual([
      408,
    ]);
    expect(statuses(await raw(strict.port, 'POST / HTTP/1.1\r\nHost: f.ns\r\nContent-Length: 1001\r\n\r\n'))).toEqual([413]);
    const chunks = `${'64\r\n'}${'x'.repeat(100)}\r\n`.repeat(11);
    expect(
      statuses(await raw(strict.port, `POST / HTTP/1.1\r\nHost: f.ns\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`)),
    ).toEqual([413]);
    const open = [1, 2, 3].map(() => connect(strict.port, '127.0.0.1'));
    await vi.waitFor(() => expect(strict.plane.requests.size).toBe(3));
    expect(statuses(await raw(strict.port, get('/')))).toEqual([503]);
    for (const socket of open) socket.destroy();
    strict.close();
  });
});
