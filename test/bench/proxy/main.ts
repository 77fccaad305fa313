/**
 * `make bench-proxy [ROUNDS=5]`: what the activator costs, against a Go `httputil.ReverseProxy` with GOMAXPROCS=1 and the bare server, interleaved in one run.
 * Proxies have one core, the load and the server the other.
 */
import { buildReference, freePort, start, startActivator } from './processes.ts';
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

console.log(failures.length === 0 ? '\nall bars met' : `\nmissed: ${failures.join('; ')}`);
process.exit(failures.length === 0 ? 0 : 1);
