/**
 * `make bench-lambda [ROUNDS=5] [SECONDS=3]`: what bridge and activator add to an invocation, above what AWS's client costs against a bare Runtime API: CPU and throughput, warm, one
 * handler process, an echo in Python and in Node, interleaved in one run. Writes docs/reference/lambda-overhead.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { repoDir } from '../../cluster/paths.ts';
import { nodeClient, pythonClient } from '../../support/lambda-clients.ts';
import { median } from '../coldstart/statistics.ts';
import { buildReference } from '../proxy/processes.ts';
import { bareSide, type Client, lullSide, type Sample, type Side } from './sides.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const SECONDS = Number(process.env['SECONDS'] ?? 3);
const ONLY = process.env['ONLY'] ?? '';
/** As a client keeps a pod busy: while one request is answered the next waits in the activator. */
const CONNECTIONS = 4;
const BARS = { addedMillis: 0.35, pythonRatio: 0.7 };
const MARK = '<!-- The table: make bench-lambda -->';

interface Result {
  client: string;
  bare: Sample;
  /** Of several connections, and of one. */
  busy: Sample;
  single: Sample;
  /** Milliseconds of CPU above the client's own; the worst of the rounds besides. */
  added: number;
  addedWorst: number;
  ratio: number;
}

async function run(client: Client, binary: string): Promise<Result> {
  const sides = [await bareSide(client), await lullSide(client, binary, CONNECTIONS), await lullSide(client, binary, 1)] as const;
  const samples: [Sample, Sample, Sample][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one: Sample[] = [];
    for (const side of sides as readonly Side[]) one.push(await side.measure(SECONDS));
    samples.push(one as [Sample, Sample, Sample]);
    console.log(`${client.name}, round ${round + 1}: ${one.map(show).join(' | ')}`);
  }
  for (const side of sides) side.stop();
  const of = (i: 0 | 1 | 2, key: keyof Sample): number => median(samples.map((round) => round[i][key]));
  const all = (i: 0 | 1 | 2): Sample => ({
    client: of(i, 'client'),
    bridge: of(i, 'bridge'),
    activator: of(i, 'activator'),
    rate: of(i, 'rate'),
  });
  const added = samples.map(([bare, busy]) => (busy.client + busy.bridge + busy.activator - bare.client) / 1000);
  return {
    client: client.name,
    bare: all(0),
    busy: all(1),
    single: all(2),
    added: median(added),
    addedWorst: Math.max(...added),
    ratio: median(samples.map(([bare, busy]) => busy.rate / bare.rate)),
  };
}

function show({ client, bridge, activator, rate }: Sample): string {
  return `client ${client.toFixed(0)} + bridge ${bridge.toFixed(0)} + activator ${activator.toFixed(0)} µs, ${rate.toFixed(0)}/s`;
}

function table(results: readonly Result[]): string {
  const rows = results.map(({ client, bare, busy, single, added, addedWorst, ratio }) =>
    [
      client,
      bare.client.toFixed(0),
      `${busy.client.toFixed(0)} + ${busy.bridge.toFixed(0)} + ${busy.activator.toFixed(0)}`,
      `**${added.toFixed(3)} ms** (worst ${addedWorst.toFixed(3)})`,
      `${bare.rate.toFixed(0)}/s`,
      `${busy.rate.toFixed(0)}/s`,
      `**${ratio.toFixed(2)}**`,
      `${single.rate.toFixed(0)}/s`,
    ].join(' | '),
  );
  return [
    '| client | alone, µs | client + bridge + activator, µs | added (bar ≤ 0.35 ms) | alone | with Lull | ratio (bar, Python: ≥ 0.7) | one connection |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

const kinds = [
  { name: 'Python, awslambdaric', command: pythonClient },
  { name: 'Node, aws-lambda-ric', command: nodeClient },
].filter(({ name }) => name.includes(ONLY));
const clients: Client[] = [];
for (const { name, command } of kinds) clients.push({ name, command: await command() });
const binary = buildReference();
const results: Result[] = [];
for (const client of clients) results.push(await run(client, binary));

const text = table(results);
console.log(`\n${text}\n`);
const missed = results.flatMap(({ client, added, ratio }) => [
  ...(added > BARS.addedMillis ? [`${client}: ${added.toFixed(3)} ms added`] : []),
  ...(client.startsWith('Python') && ratio < BARS.pythonRatio ? [`${client}: ${ratio.toFixed(2)} of the throughput`] : []),
]);
if (ONLY === '') {
  const file = join(repoDir, 'docs/reference/lambda-overhead.md');
  const [before = ''] = readFileSync(file, 'utf8').split(MARK);
  const when = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, p50 of ${ROUNDS} rounds of ${SECONDS} s.`;
  writeFileSync(file, `${before}${MARK}\n\n${when}\n\n${text}\n`);
}
console.log(missed.length === 0 ? 'all bars met' : `missed: ${missed.join('; ')}`);
setTimeout(() => process.exit(missed.length === 0 ? 0 : 1), 1000);
