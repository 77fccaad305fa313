import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { type ActivatorProcess, type Figures, type LoadResult, load } from './processes.ts';

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });

/** Bytes that an idle keep-alive connection costs, each having had a request. */
export async function idleConnections(activator: ActivatorProcess, count: number): Promise<number> {
  const before = (await activator.figures()).rss;
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i += 1) {
    const socket = await open(activator.port);
    sockets.push(socket);
    socket.write('GET /bytes/10 HTTP/1.1\r\nHost: bare.bench\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
  }
  const { rss, connections } = await settledFigures(activator);
  for (const socket of sockets) socket.destroy();
  if (connections < count) throw new Error(`only ${connections} of ${count} connections are open`);
  await sleep(500);
  return (rss - before) / count;
}

async function settledFigures(activator: ActivatorProcess): Promise<Figures> {
  await sleep(500);
  return activator.figures();
}

/** WebSockets that all echo at once; resolves to the number of those that did, several times each. */
export async function webSockets(activator: ActivatorProcess, count: number): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  await new Promise((resolve) => server.once('listening', resolve));
  activator.add({ name: 'ws', port: (server.address() as AddressInfo).port });
  const clients = await Promise.all(
    Array.from({ length: count }, async () => {
      const client = new WebSocket(`ws://127.0.0.1:${activator.port}/`, { headers: { host: 'ws.bench' } });
      await new Promise((resolve, reject) => client.once('open', resolve).once('error', reject));
      return client;
    }),
  );
  let good = 0;
  await Promise.all(
    clients.map(async (client, i) => {
      for (let round = 0; round < 5; round += 1) {
        client.send(`${i} ${round}`);
        const echo = await new Promise((resolve) => client.once('message', (data) => resolve(String(data))));
        if (echo !== `${i} ${round}`) return;
      }
      good += 1;
    }),
  );
  for (const client of clients) client.terminate();
  server.close().closeAllConnections();
  return good;
}

/** Streams of server-sent events at once; resolves to the number of those that got every event. */
export async function eventStreams(activator: ActivatorProcess, count: number): Promise<number> {
  const events = 10;
  const server = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      res.write(`data: ${sent}\n\n`);
      sent += 1;
      if (sent === events) {
        clearInterval(timer);
        res.end();
      }
    }, 100);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  activator.add({ name: 'sse', port: (server.address() as AddressInfo).port });
  const results = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = await open(activator.port);
      let text = '';
      socket.write('GET / HTTP/1.1\r\nHost: sse.bench\r\n\r\n');
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      while (!text.endsWith('0\r\n\r\n')) await sleep(50);
      socket.destroy();
      return text.match(/data: \d/g)?.length === events;
    }),
  );
  server.close();
  return results.filter(Boolean).length;
}

/** Most that the activator's memory grew while so many bytes went up, and down, through it. */
export async function bigBodies(activator: ActivatorProcess, bytes: number): Promise<{ up: number; down: number }> {
  const watch = async (work: Promise<void>): Promise<number> => {
    const before = (await activator.figures()).rss;
    let most = 0;
    let done = false;
    const finished = work.then(() => {
      done = true;
    });
    while (!done) {
      most = Math.max(most, (await activator.figures()).rss - before);
      await sleep(100);
    }
    await finished;
    return most;
  };
  return { up: await watch(upload(activator.port, bytes)), down: await watch(download(activator.port, bytes)) };
}

async function upload(port: number, bytes: number): Promise<void> {
  const socket = await open(port);
  const answered = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  socket.write(`POST /upload HTTP/1.1\r\nHost: bare.bench\r\nContent-Length: ${bytes}\r\n\r\n`);
  const chunk = Buffer.alloc(1 << 18, 'x');
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  if (!(await answered).endsWith(String(bytes))) throw new Error('the upload did not arrive whole');
  socket.destroy();
}

async function download(port: number, bytes: number): Promise<void> {
  const socket = await open(port);
  let got = 0;
  socket.write(`GET /bytes/${bytes} HTTP/1.1\r\nHost: bare.bench\r\n\r\n`);
  await new Promise<void>((resolve) =>
    socket.on('data', (chunk) => {
      got += chunk.length;
      if (got > bytes) resolve();
    }),
  );
  socket.destroy();
}

export interface Neighbours {
  binary: string;
  activator: ActivatorProcess;
  connections: number;
  rate: number;
  seconds: number;
}

const others = ({ binary, activator, connections, rate, seconds }: Neighbours): Promise<LoadResult> =>
  load(binary, { core: 1, port: activator.port, host: 'bare.bench', path: '/bytes/1024', connections, seconds, rate });

/** p99 of the others alone, and while a client takes 1 KB a second of a 100 MB answer. */
export async function slowReader(options: Neighbours): Promise<{ quiet: LoadResult; with: LoadResult }> {
  await others({ ...options, seconds: 3 });
  const quiet = await others(options);
  const socket = await open(options.activator.port);
  socket.pause();
  socket.write('GET /bytes/100000000 HTTP/1.1\r\nHost: bare.bench\r\n\r\n');
  const timer = setInterval(() => socket.read(1024), 1000);
  const during = await others(options);
  clearInterval(timer);
  socket.destroy();
  return { quiet, with: during };
}

/** p99 of a neighbour alone, and while so many requests are held for a function that sleeps; then what became of those. */
export async function manyHeld(
  options: Neighbours,
  count: number,
  port: number,
): Promise<{ quiet: LoadResult; with: LoadResult; held: number; answered: number; refused: number }> {
  const { activator } = options;
  const quiet = await others(options);
  activator.add({ name: 'asleep' });
  const statuses = new Map<string, number>();
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i += 1) {
    const socket = await open(activator.port);
    sockets.push(socket);
    socket.once('data', (chunk: Buffer) => {
      const status = chunk.toString('latin1', 9, 12);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
  }
  const during = others(options);
  await sleep(500);
  for (let i = 0; i < count; i += 1) {
    sockets[i]?.write('GET /bytes/10 HTTP/1.1\r\nHost: asleep.bench\r\n\r\n');
    if (i % 10 === 9) await sleep(3);
  }
  await sleep(300);
  const held = (await activator.figures()).functions.find(({ name }) => name === 'asleep')?.held ?? 0;
  activator.add({ name: 'asleep', port, concurrency: 20 });
  const result = await during;
  for (let waited = 0; waited < 100 && [...statuses.values()].reduce((a, b) => a + b, 0) < count; waited += 1) await sleep(100);
  for (const socket of sockets) socket.destroy();
  const answered = statuses.get('200') ?? 0;
  return { quiet, with: result, held, answered, refused: (statuses.get('503') ?? 0) + (statuses.get('504') ?? 0) };
}
