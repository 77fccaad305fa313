import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChartPrometheus } from '../../support/chart-prometheus.ts';
import { type FunctionRecord, FunctionWatch } from '../../support/function-watch.ts';
import { untilReady } from '../../support/functions.ts';
import { hostAddress } from '../../support/host-address.ts';
import { apply } from '../../support/kubectl.ts';
import { until } from '../../support/wait.ts';
import { type Bench, type Outcome, type Row, seconds } from './outcome.ts';
import type { Chart } from './plot/chart.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-gauge';
const METRIC = 'lull_bench_gauge';
const TARGET = 10;
const VALUES = [7, 23, 0];
const HOLD_MILLIS = 7000;
const SCRAPE_SECONDS = 2;

/** A metric of somebody else's: a server that Prometheus scrapes, with one gauge. */
class Gauge {
  value = 0;
  scrapes = 0;
  readonly #labels: string;
  readonly #server = createServer((_req, res) => {
    this.scrapes += 1;
    res.end(`# TYPE ${METRIC} gauge\n${METRIC}{${this.#labels}} ${this.value}\n`);
  });

  constructor(labels: string) {
    this.#labels = labels;
  }

  async listen(host: string): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, host, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Transition {
  value: number;
  at: number;
  /** From the change of the gauge to the number of pods asked for, in ms, and the scrapes that Prometheus made in it. */
  millis: number;
  scrapes: number;
}

/** A PromQL over a gauge that is 0, 7, 23 and 0 again, at target 10, in a Prometheus that scrapes the gauge each 2 s. */
export function gauge({ kube, say }: Bench, cycles = 3): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    const metric = new Gauge(`namespace="${NAMESPACE}",function="queue"`);
    const host = await hostAddress();
    const port = await metric.listen(host);
    const job = { job_name: 'bench-gauge', honor_labels: true, static_configs: [{ targets: [`${host}:${port}`] }] };
    const query = `max(${METRIC}{namespace="{{namespace}}",function="{{name}}"})`;
    try {
      return await new ChartPrometheus(kube).withJob(job, async () => {
        const scale = { idleSeconds: 2, scaleDownDelaySeconds: 0, maxScaleDownRate: 100 };
        await apply(web('queue', NAMESPACE, 10, { ...scale, metrics: [{ type: 'prometheus', target: TARGET, query }] }));
        await untilReady('queue', NAMESPACE);
        const watch = await FunctionWatch.start(kube, NAMESPACE);
        await until('three scrapes of the gauge', async () => metric.scrapes >= 3, 30_000, 100);
        await until('zero pods', async () => watch.of('queue').asked.now === 0, 90_000, 100);
        const seen = await follow(metric, watch.of('queue'), cycles, say);
        watch.stop();
        return { rows: VALUES.map((value) => rowOf(value, seen)), charts: [draw(seen.slice(0, VALUES.length), watch.of('queue'))] };
      });
    } finally {
      metric.close();
    }
  });
}

async function follow(metric: Gauge, { asked }: FunctionRecord, cycles: number, say: Bench['say']): Promise<Transition[]> {
  const seen: Transition[] = [];
  for (let i = 0; i < cycles * VALUES.length; i += 1) {
    const value = VALUES[i % VALUES.length] ?? 0;
    // At no fixed time after a scrape.
    await sleep(Math.random() * SCRAPE_SECONDS * 1000);
    const [at, before] = [Date.now(), metric.scrapes];
    metric.value = value;
    const wanted = Math.ceil(value / TARGET);
    const scrapes = await until(`${wanted} pods for ${value}`, async () => asked.now === wanted && metric.scrapes - before + 1, 30_000, 20)
      .then((found) => found - 1)
      .catch(() => Number.POSITIVE_INFINITY);
    const millis = (asked.first(at, (pods) => pods === wanted) ?? Number.POSITIVE_INFINITY) - at;
    seen.push({ value, at, millis, scrapes });
    say(`the gauge says ${value}: ${wanted} pods after ${seconds(millis)}, ${scrapes} scrapes`);
    await sleep(HOLD_MILLIS);
    if (asked.now !== wanted) seen.push({ value, at, millis: Number.POSITIVE_INFINITY, scrapes: Number.POSITIVE_INFINITY });
  }
  return seen;
}

function rowOf(value: number, all: readonly Transition[]): Row {
  const own = all.filter((one) => one.value === value);
  const most = Math.max(...own.map(({ scrapes }) => scrapes));
  return {
    name: `a gauge at ${value}, target ${TARGET}: ${Math.ceil(value / TARGET)} pods`,
    bar: '≤ 2 scrapes',
    figure: `${own.map(({ scrapes }) => scrapes).join(', ')} scrapes, worst ${seconds(Math.max(...own.map(({ millis }) => millis)))}`,
    met: most <= 2,
  };
}

function draw(seen: readonly Transition[], { asked, ready }: FunctionRecord): Chart {
  const from = (seen[0]?.at ?? 0) - 3000;
  const to = (seen.at(-1)?.at ?? 0) + HOLD_MILLIS + 2000;
  const at = (time: number): number => (time - from) / 1000;
  const values: [number, number][] = seen.map(({ at: time, value }) => [at(time), value / TARGET]);
  return {
    title: 'A PromQL over a metric of one’s own',
    y: 'pods',
    xMax: at(to),
    series: [
      { label: 'Ready', tone: 'ready', shape: 'area', points: ready.points(from, to) },
      { label: `the gauge ÷ ${TARGET}`, tone: 'demand', shape: 'step', points: [[0, 0], ...values, [at(to), values.at(-1)?.[1] ?? 0]] },
      { label: 'asked for', tone: 'asked', shape: 'step', points: asked.points(from, to) },
    ],
  };
}
