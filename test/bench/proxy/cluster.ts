/**
 * `make bench-proxy-cluster`: CPU that Lull adds to a request on the real cluster, in front of a real pod: all of its processes together (activators, the pod's
 * announcer, operator), 1 KB GET, keep-alive, 32 connections, against the CPU of the server itself. Native cluster only: its processes are this machine's.
 */
import { execFileSync } from 'node:child_process';
import { lullFunction, podsOf, untilReady, withNamespace } from '../../support/functions.ts';
import { call, lullUrl } from '../../support/http.ts';
import { apply, kubectl } from '../../support/kubectl.ts';
import { until } from '../../support/wait.ts';
import { median } from '../coldstart/statistics.ts';
import { buildReference, cpuMicros, load } from './processes.ts';

const ns = 'bench-proxy';
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const BAR = 60;
const pids = (pattern: string): number[] => execFileSync('pgrep', ['-f', pattern]).toString().trim().split('\n').map(Number);

const binary = buildReference();
await withNamespace(ns);
const image = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';
await apply(lullFunction('web', ns, { protocol: 'http', code: { image }, scale: { min: 1, max: 1 } }));
await untilReady('web', ns);
await until('it answers', async () => (await call('web', ns)).status === 200);
await until('one pod', async () => (await podsOf('web', ns)).length === 1);
const url = lullUrl();
const options = {
  core: 1,
  address: url.hostname,
  port: Number(url.port || 80),
  host: `web.${ns}`,
  path: '/bytes/1024',
  connections: 32,
  seconds: 4,
};
await load(binary, options);
const added: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const ours = [...pids('^node .*/opt/lull/activator.mjs'), ...pids('^node .*/opt/lull/operator.mjs'), ...pids('bridge.cjs')];
  const servers = pids('^node /srv/server.cjs');
  const sum = (of: number[]): number => of.reduce((total, pid) => total + cpuMicros(pid), 0);
  const before = { ours: sum(ours), servers: sum(servers) };
  const result = await load(binary, options);
  const cpu = (sum(ours) - before.ours) / result.requests;
  added.push(cpu);
  console.log(
    `round ${round + 1}: Lull ${cpu.toFixed(1)} µs, the server itself ${((sum(servers) - before.servers) / result.requests).toFixed(1)} µs, ` +
      `${Math.round(result.requests / result.seconds)} requests/s, p50 ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(2)} ms, ${result.errors} errors`,
  );
}
await kubectl(['delete', 'namespace', ns, '--wait=false']);
const p50 = median(added);
console.log(
  `${p50 <= BAR ? 'ok  ' : 'MISS'} CPU that Lull adds, p50 of rounds: ${p50.toFixed(1)} µs, worst ${Math.max(...added).toFixed(1)} (bar ≤ ${BAR} µs)`,
);
process.exit(p50 <= BAR ? 0 : 1);
