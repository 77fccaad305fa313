import { setTimeout as sleep } from 'node:timers/promises';
import type { LullFunction } from '../../../common/api/function.ts';
import type { KubeTransport } from '../../../common/kube/transport.ts';
import { FunctionWatch } from '../../support/function-watch.ts';
import { nodeFunction } from '../../support/functions.ts';
import { Load } from '../../support/load.ts';
import { componentMetrics, type Sample, total } from '../../support/metrics.ts';
import { until } from '../../support/wait.ts';
import { type Bench, count, type Outcome, type Row } from './outcome.ts';
import { inNamespace } from './web.ts';

const NAMESPACE = 'bench-scale-many';
const HANDLER = `
export const handler = async () => {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { statusCode: 200, body: 'ok' };
};`;
const BASELINE_SECONDS = 20;
const SETTLE_SECONDS = 30;
const MEASURED_SECONDS = 60;
const CREATED_AT_ONCE = 16;
const BAR_MILLIS = 100;
/** What is read for a function: demand over two windows, demand now, requests a second, whether all activators answered, how old it is. */
const SIGNALS = 6;

/** The operator's own figures at a moment. */
interface Figures {
  cpuSeconds: number;
  ticks: number;
  tickSeconds: number;
  queries: number;
  writes: Map<string, number>;
  mebibytes: number;
}

/** Many Functions, a few of them active: what a tick costs, how many queries it takes, and that nothing is written that has not changed. */
export function many({ kube, say }: Bench, functions = 500, active = 20): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    const baseline = await between(kube, BASELINE_SECONDS);
    say(`without them: ${perTick(baseline).toFixed(1)} ms of CPU a tick`);
    const names = Array.from({ length: functions }, (_, i) => `fn-${i + 1}`);
    await create(kube, names);
    await until(`${functions} Functions to have a revision`, async () => (await revisions(kube)) === functions, 240_000, 1000);
    say(`${functions} Functions are there`);
    const load = new Load(NAMESPACE, names.slice(0, active));
    load.clients(active);
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const pods = (): number => names.reduce((sum, name) => sum + watch.of(name).ready.now, 0);
    await until(`${active} pods`, async () => pods() >= active, 120_000, 500);
    await sleep(SETTLE_SECONDS * 1000);
    const from = Date.now();
    const measured = await between(kube, MEASURED_SECONDS);
    const to = Date.now();
    await load.stop();
    watch.stop();
    const changes = names.reduce((sum, name) => sum + changesOf(watch, name, from, to), 0);
    const activators = (await componentMetrics(kube, 'activator')).map(mebibytes);
    const memory = `operator ${measured.mebibytes.toFixed(0)}, activators ${activators.map((one) => one.toFixed(0)).join(' and ')} MiB`;
    return {
      rows: [
        ...costs(measured, baseline, `${functions} Functions, ${active} active`),
        writes(measured, changes, functions),
        {
          name: `${functions} Functions: failed requests`,
          bar: '0',
          figure: `${load.failures.length} of ${load.done.length}`,
          met: load.failures.length === 0,
        },
        { name: `${functions} Functions: memory`, bar: '', figure: memory },
      ],
      charts: [],
    };
  });
}

async function create(kube: KubeTransport, names: readonly string[]): Promise<void> {
  const left = [...names];
  const path = `/apis/lull.dev/v1alpha1/namespaces/${NAMESPACE}/functions`;
  const worker = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift())
      await kube.request('POST', path, { body: nodeFunction(name, NAMESPACE, HANDLER, { scale: { idleSeconds: 60 } }) });
  };
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, worker));
}

async function revisions(kube: KubeTransport): Promise<number> {
  const { body } = await kube.request('GET', `/apis/lull.dev/v1alpha1/namespaces/${NAMESPACE}/functions`, { timeoutMillis: 30_000 });
  return (body as { items: LullFunction[] }).items.filter(({ status }) => status?.activeRevision !== undefined).length;
}

/** What the operator used in so many seconds from now. */
async function between(kube: KubeTransport, seconds: number): Promise<Figures> {
  const before = figures((await componentMetrics(kube, 'operator'))[0] ?? []);
  await sleep(seconds * 1000);
  const after = figures((await componentMetrics(kube, 'operator'))[0] ?? []);
  const less = (key: 'cpuSeconds' | 'ticks' | 'tickSeconds' | 'queries'): number => after[key] - before[key];
  return {
    cpuSeconds: less('cpuSeconds'),
    ticks: less('ticks'),
    tickSeconds: less('tickSeconds'),
    queries: less('queries'),
    writes: new Map([...after.writes].map(([kind, value]) => [kind, value - (before.writes.get(kind) ?? 0)])),
    mebibytes: after.mebibytes,
  };
}

function figures(samples: readonly Sample[]): Figures {
  const of = (name: string): number => total(samples, name) ?? Number.NaN;
  const writes = samples
    .filter(({ name }) => name === 'lull_autoscaler_api_writes_total')
    .map(({ labels, value }): [string, number] => [labels['kind'] ?? '', value]);
  return {
    cpuSeconds: of('process_cpu_seconds_total'),
    ticks: of('lull_autoscaler_tick_seconds_count'),
    tickSeconds: of('lull_autoscaler_tick_seconds_sum'),
    queries: of('lull_autoscaler_queries_total'),
    writes: new Map(writes),
    mebibytes: mebibytes(samples),
  };
}

function mebibytes(samples: readonly Sample[]): number {
  return (total(samples, 'process_resident_memory_bytes') ?? Number.NaN) / 2 ** 20;
}

/** All that the process uses, by tick: also what reconciling and being scraped cost. */
function perTick({ cpuSeconds, ticks }: Figures): number {
  return (cpuSeconds / ticks) * 1000;
}

function costs(measured: Figures, baseline: Figures, what: string): Row[] {
  const net = perTick(measured) - perTick(baseline);
  const queries = measured.queries / measured.ticks;
  const wall = (measured.tickSeconds / measured.ticks) * 1000;
  return [
    {
      name: `${what}: CPU of a tick`,
      bar: `≤ ${BAR_MILLIS} ms`,
      figure: `${net.toFixed(1)} ms (the process with all it does ${perTick(measured).toFixed(1)} a tick, ${perTick(baseline).toFixed(1)} without them; a tick lasts ${wall.toFixed(1)})`,
      met: net <= BAR_MILLIS,
    },
    {
      name: `${what}: queries of a tick`,
      bar: 'one a signal',
      figure: `${queries.toFixed(2)} (${(baseline.queries / baseline.ticks).toFixed(2)} without them)`,
      met: queries <= SIGNALS,
    },
  ];
}

function writes({ writes: made }: Figures, changes: number, functions: number): Row {
  const sum = [...made.values()].reduce((all, one) => all + one, 0);
  const kinds = [...made].map(([kind, number]) => `${kind} ${number}`).join(', ');
  return {
    name: `${functions} Functions: API writes in ${MEASURED_SECONDS} s of the same load`,
    bar: 'only on change',
    figure: made.size === 0 ? 'no such metric' : `${sum} (${kinds}) for ${count(changes, 'change')}`,
    met: made.size > 0 && sum <= changes,
  };
}

/** Changes that had to be written: the number of pods, and what the status says beyond figures that move all the time. */
function changesOf(watch: FunctionWatch, name: string, from: number, to: number): number {
  const { asked, scales } = watch.of(name);
  const words = scales.map(({ at, scale }) => ({ at, words: `${scale.desired} ${scale.reason.replace(/[\d.]+/g, '#')}` }));
  const status = words.filter((one, i) => one.at > from && one.at <= to && one.words !== words[i - 1]?.words).length;
  return asked.changes(from, to).length + status;
}
