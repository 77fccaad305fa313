/**
 * `make bench-proxy [ROUNDS=5]`: what the activator costs, against a Go `httputil.ReverseProxy` with GOMAXPROCS=1 and the bare server, interleaved in one run.
 * Proxies have one core, the load and the server the other.
 */
import { bigBodies, eventStreams, idleConnections, manyHeld, slowReader, webSockets } from './connections.ts';
import { buildReference, freePort, load, pin, start, startActivator } from './processes.ts';
import { type Case, interleaved, type Target } from './throughput.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const SECONDS = Number(process.env['SECONDS'] ?? 3);
const failures: string[] = [];

/** Prints a figure with its bar. */
export function bar(what: string, value: number, limit: number, unit: string, atLeast = false): void {
  const ok = atLeast ? value >= limit : value <= limit;
  console.log(`${ok ? 'ok  ' : 'MISS'} ${what}: ${value.toFixed(2)} ${unit} (bar ${atLeast ? '≥' : '≤'} ${limit} ${unit})`);
  if (!ok) failures.push(what);
}

pin(1);
const binary = buildReference();
const [serverPort, proxyPort] = [await freePort(), await freePort()];
const server = await start(1, binary, ['server', `127.0.0.1:${serverPort}`], { GOMAXPROCS: '1' });
const reference = await start(0, binary, ['proxy', `127.0.0.1:${proxyPort}`, `http://127.0.0.1:${serverPort}`], { GOMAXPROCS: '1' });
const activator = await startActivator(0);
activator.add({ name: 'bare', port: serverPort });
const bare: Target = { name: 'bare server', pid: server.pid as number, port: serverPort, host: 'bare.bench' };
const go: Target = { name: 'Go ReverseProxy', pid: reference.pid as number, port: proxyPort, host: 'bare.bench' };
const lull: Target = { name: 'activator', pid: activator.pid, port: activator.port, host: 'bare.bench' };

async function table(kind: Case) {
  console.log(`\n${kind.name} (${ROUNDS} rounds of ${SECONDS} s)`);
  const rows = await interleaved(binary, [bare, go, lull], kind, ROUNDS, SECONDS);
  console.table(
    rows.map((row) => ({
      target: row.target,
      'CPU µs/request': row.cpu.toFixed(1),
      worst: row.cpuWorst.toFixed(1),
      'requests/s': Math.round(row.rate),
      'p50 ms': row.p50.toFixed(3),
      'p99 ms': row.p99.toFixed(3),
      errors: row.errors,
    })),
  );
  const [direct, gone, ours] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
  if (ours.errors > 0) failures.push(`${kind.name}: ${ours.errors} errors`);
  return { direct, go: gone, ours };
}

const small = await table({ name: '1 KB GET, keep-alive, 32 connections', path: '/bytes/1024', connections: 32 });
bar('CPU per request, of the Go reference’s', small.ours.cpu / small.go.cpu, 0.9, '×');
const down = await table({ name: '64 KB answers, 32 connections', path: '/bytes/65536', connections: 32 });
bar('throughput on one core at 64 KB answers, of the Go reference’s', down.ours.rate / down.go.rate, 0.9, '×', true);
const up = await table({ name: '64 KB uploads, 32 connections', path: '/upload', connections: 32, bodyBytes: 65_536 });
bar('throughput on one core at 64 KB uploads, of the Go reference’s', up.ours.rate / up.go.rate, 0.9, '×', true);
const single = await table({ name: '1 KB GET, 1 connection', path: '/bytes/1024', connections: 1 });
bar('added latency at 1 connection, p50', single.ours.p50 - single.direct.p50, 0.2, 'ms');
bar('added latency at 1 connection, p99', single.ours.p99 - single.direct.p99, 1, 'ms');

console.log('\nconnections');
activator.stop();
/** A process that has done nothing but warm up: one that has just been under load has memory to spare, which would hide what these cost. */
const fresh = async () => {
  const started = await startActivator(0);
  started.add({ name: 'bare', port: serverPort });
  await load(binary, { core: 1, port: started.port, host: 'bare.bench', path: '/bytes/1024', connections: 10, seconds: 2, rate: 500 });
  return started;
};
const idle = await fresh();
bar('10,000 idle keep-alive connections, each', (await idleConnections(idle, 10_000)) / 1024, 10, 'KiB');
bar('1,000 WebSockets echoing at once', await webSockets(idle, 1000), 1000, 'right', true);
bar('500 streams of server-sent events at once', await eventStreams(idle, 500), 500, 'whole', true);
idle.stop();
const big = await fresh();
const grown = await bigBodies(big, 1 << 30);
bar('memory grown by 1 GiB up', grown.up / 1048576, 30, 'MiB');
bar('memory grown by 1 GiB down', grown.down / 1048576, 30, 'MiB');

console.log('\nneighbours');
const slow = await slowReader({ binary, activator: big, connections: 1000, rate: 4000, seconds: 8 });
console.log(`1,000 others at 4,000/s: p99 ${slow.quiet.p99.toFixed(2)} ms alone, ${slow.with.p99.toFixed(2)} ms beside a slow reader`);
bar('others’ p99 beside a client that reads 1 KB/s of 100 MB', slow.with.p99 / slow.quiet.p99, 1.2, '× alone');
big.stop();
const holder = await fresh();
const held = await manyHeld({ binary, activator: holder, connections: 50, rate: 1000, seconds: 20 }, 10_000, serverPort);
console.log(
  `neighbour at 1,000/s: p99 ${held.quiet.p99.toFixed(2)} ms alone, ${held.with.p99.toFixed(2)} ms beside ${held.held} held requests`,
);
bar('neighbour’s p99 beside 10,000 held requests', held.with.p99 / held.quiet.p99, 2, '× alone');
bar('of 10,000 held, answered or refused by the bound', held.answered + held.refused, 10_000, 'requests', true);
if (held.with.errors + slow.with.errors > 0) failures.push('errors of the neighbours');

console.log(failures.length === 0 ? '\nall bars met' : `\nmissed: ${failures.join('; ')}`);
process.exit(failures.length === 0 ? 0 : 1);
