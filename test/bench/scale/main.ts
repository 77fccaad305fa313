/**
 * `make bench-scale [ONLY=ramp,step,…] [STEADY_SECONDS=300] [OUT=dist/bench-scale.svg] [STRICT=1]`: the bars of the autoscaler, on the cluster that is up. Prints a
 * table and writes an SVG of demand, pods and latency over time. Exits 1 for a missed bar only with STRICT=1.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { ChartPrometheus } from '../../support/chart-prometheus.ts';
import { kubeFromEnvironment } from '../../support/kube.ts';
import { killAll } from '../../support/load.ts';
import { gauge } from './gauge.ts';
import { loadEnds } from './load-ends.ts';
import { many } from './many.ts';
import { type Bench, count, type Outcome } from './outcome.ts';
import { page } from './plot/page.ts';
import { prometheusAway } from './prometheus-away.ts';
import { ramp } from './ramp.ts';
import { scaleDown } from './scale-down.ts';
import { steady } from './steady.ts';
import { step } from './step.ts';
import { table } from './table.ts';

/** By name: what runs, and after how many minutes it is given up. In the order of the page; the one that makes most noise is the last. */
const SCENARIOS: Record<string, { run: (bench: Bench) => Promise<Outcome>; minutes: number }> = {
  ramp: { run: ramp, minutes: 5 },
  step: { run: step, minutes: 6 },
  ends: { run: loadEnds, minutes: 6 },
  steady: { run: steady, minutes: 5 + Number(process.env['STEADY_SECONDS'] ?? 300) / 60 },
  prometheus: { run: prometheusAway, minutes: 7 },
  gauge: { run: gauge, minutes: 8 },
  down: { run: scaleDown, minutes: 10 },
  many: { run: many, minutes: 12 },
};

const wanted = process.env['ONLY']?.split(',') ?? Object.keys(SCENARIOS);
const out = path.resolve(process.env['OUT'] ?? 'dist/bench-scale.svg');
const kube = kubeFromEnvironment();
const begun = performance.now();
const clock = (): string => `${((performance.now() - begun) / 1000).toFixed(0)} s`.padStart(6);

/** What it finds; one that fails or does not end has missed. */
async function outcome(name: string): Promise<Outcome> {
  const scenario = SCENARIOS[name];
  if (!scenario) throw new Error(`no scenario ${name}: there are ${Object.keys(SCENARIOS).join(', ')}`);
  const { run, minutes } = scenario;
  // Whatever else the machine does shows in the latencies.
  console.log(`${clock()}  ${name}: begins; load average ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error(`not over after ${minutes} minutes`)), minutes * 60_000).unref();
  });
  try {
    return await Promise.race([run({ kube, say: (line) => console.log(`${clock()}  ${name}: ${line}`) }), late]);
  } catch (error) {
    const figure = error instanceof Error ? error.message : String(error);
    console.log(`${clock()}  ${name}: ${figure}`);
    return { rows: [{ name, bar: 'to run', figure, met: false }], charts: [] };
  } finally {
    killAll();
  }
}

/** A run that is broken off in the middle must not leave the cluster without its Prometheus. */
async function interrupted(): Promise<void> {
  await new ChartPrometheus(kube).start().catch(() => undefined);
  process.exit(130);
}
process.once('SIGINT', () => void interrupted());
process.once('SIGTERM', () => void interrupted());

const outcomes: Outcome[] = [];
for (const name of wanted) outcomes.push(await outcome(name));
const rows = outcomes.flatMap((one) => one.rows);
const missed = rows.filter(({ met }) => met === false);
console.log(`\n${table(rows)}\n`);
mkdirSync(path.dirname(out), { recursive: true });
const date = new Date().toISOString().slice(0, 10);
const bars = rows.filter(({ met }) => met !== undefined).length;
const { body: version } = await kube.request('GET', '/version');
const where = `Kubernetes ${(version as { gitVersion: string }).gitVersion}, one node, ${cpus().length} cores`;
const subtitle = `make bench-scale, ${date}, ${where}; ${bars - missed.length} of ${count(bars, 'bar')} met`;
writeFileSync(
  out,
  page(
    outcomes.flatMap(({ charts }) => charts),
    { title: 'Lull: pods follow demand', subtitle },
  ),
);
console.log(`${clock()}  ${bars - missed.length} of ${count(bars, 'bar')} met; ${path.relative(process.cwd(), out)} shows it`);
await kube.close();
process.exit(process.env['STRICT'] === '1' && missed.length > 0 ? 1 : 0);
