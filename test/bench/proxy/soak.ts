/**
 * `make soak [MINUTES=60]`: mixed load through the activator, and afterwards nothing of it is left: memory flat, no socket, no request.
 * CI runs two minutes of it (test/e2e/soak.test.ts).
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildReference, type Figures, freePort, load, start, startActivator } from './processes.ts';

export interface SoakResult {
  requests: number;
  errors: number;
  /** Resident bytes after the first quarter, and at the end. */
  before: number;
  after: number;
  socketsBefore: number;
  sockets: number;
  last: Figures;
}

const socketsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

export async function soak(minutes: number, log: (line: string) => void): Promise<SoakResult> {
  const binary = buildReference();
  const port = await freePort();
  const server = await start(1, binary, ['server', `127.0.0.1:${port}`], { GOMAXPROCS: '1' });
  const activator = await startActivator(0);
  activator.add({ name: 'bare', port });
  activator.add({ name: 'tight', port, concurrency: 4 });
  const socketsBefore = socketsOf(activator.pid);
  const options = { core: 1, port: activator.port, connections: 20, seconds: 10 };
  const end = performance.now() + minutes * 60_000;
  const quarter = performance.now() + minutes * 15_000;
  let requests = 0;
  let errors = 0;
  let before = 0;
  while (performance.now() < end) {
    const results = await Promise.all([
      load(binary, { ...options, host: 'bare.bench', path: '/bytes/1024', rate: 1000 }),
      load(binary, { ...options, host: 'tight.bench', path: '/bytes/100000', rate: 200 }),
      load(binary, { ...options, host: 'bare.bench', path: '/upload', bodyBytes: 200_000, rate: 100 }),
    ]);
    for (const result of results) {
      requests += result.requests;
      errors += result.errors;
    }
    const { rss } = await activator.figures();
    if (before === 0 && performance.now() > quarter) before = rss;
    log(`${requests} requests, ${errors} errors, ${(rss / 1048576).toFixed(1)} MiB, ${socketsOf(activator.pid)} descriptors`);
  }
  // Idle connections to pods are let go.
  await sleep(3000);
  const last = await activator.figures();
  const sockets = socketsOf(activator.pid);
  activator.stop();
  server.kill('SIGKILL');
  return { requests, errors, before, after: last.rss, socketsBefore, sockets, last };
}

if (process.argv[1] === import.meta.filename) {
  const result = await soak(Number(process.env['MINUTES'] ?? 60), console.log);
  const grown = (result.after - result.before) / 1048576;
  console.log(`grown ${grown.toFixed(1)} MiB; descriptors ${result.socketsBefore} → ${result.sockets}; open ${result.last.open}`);
  process.exit(result.errors === 0 && grown < 20 && result.sockets <= result.socketsBefore + 2 && result.last.open === 0 ? 0 : 1);
}
