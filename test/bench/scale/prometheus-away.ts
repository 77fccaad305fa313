import { setTimeout as sleep } from 'node:timers/promises';
import { ChartPrometheus } from '../../support/chart-prometheus.ts';
import { type FunctionRecord, FunctionWatch } from '../../support/function-watch.ts';
import { untilReady } from '../../support/functions.ts';
import { apply } from '../../support/kubectl.ts';
import { Load } from '../../support/load.ts';
import { componentMetrics, total } from '../../support/metrics.ts';
import { until } from '../../support/wait.ts';
import { dividedBy, inFlight } from './demand.ts';
import { type Bench, type Outcome, type Row, seconds } from './outcome.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-prometheus';
const TARGET = 5;
const CLIENTS = 20;
const MORE_CLIENTS = 40;
const pods = (clients: number): number => Math.ceil(clients / TARGET);

interface Times {
  begun: number;
  /** Prometheus was killed; the demand doubled; Prometheus answered again, with empty data; the load ended. */
  killed: number;
  doubled: number;
  back: number;
  end: number;
}

/** Prometheus is killed for `awaySeconds` in the middle of load, which doubles meanwhile; then it starts with empty data. */
export function prometheusAway({ kube, say }: Bench, awaySeconds = 60, quietSeconds = 25): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    await apply(
      web('served', NAMESPACE, 2 * TARGET, { target: TARGET, stableWindowSeconds: 20, scaleDownDelaySeconds: 0, idleSeconds: 10 }),
    );
    await untilReady('served', NAMESPACE);
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const record = watch.of('served');
    const prometheus = new ChartPrometheus(kube);
    const load = new Load(NAMESPACE, ['served'], '/slow?ms=100');
    const up = async (): Promise<number | undefined> => {
      const [operator] = await componentMetrics(kube, 'operator');
      return total(operator ?? [], 'lull_autoscaler_prometheus_up');
    };
    const begun = Date.now();
    load.clients(CLIENTS);
    await until(`${pods(CLIENTS)} pods`, async () => record.ready.now >= pods(CLIENTS), 60_000, 100);
    await sleep(quietSeconds * 1000);
    say(`${record.asked.now} pods for ${CLIENTS} clients; Prometheus is killed`);
    const killed = Date.now();
    let doubled = killed;
    let upWhileAway: number | undefined;
    try {
      await prometheus.kill();
      await sleep(awaySeconds * 500);
      load.clients(MORE_CLIENTS);
      doubled = Date.now();
      await sleep(awaySeconds * 500 - (doubled - killed - awaySeconds * 500));
      upWhileAway = await up();
    } finally {
      await prometheus.start();
    }
    const back = Date.now();
    say(`${record.asked.now} pods for ${MORE_CLIENTS} clients; Prometheus is back, with empty data`);
    const recovered = await until('the metric to say that Prometheus is up', async () => (await up()) === 1, 30_000, 500)
      .then(() => Date.now() - back)
      .catch(() => undefined);
    await sleep(quietSeconds * 1000 + 20_000);
    const end = Date.now();
    await load.stop();
    watch.stop();
    const times = { begun, killed, doubled, back, end };
    return { rows: rowsOf(times, record, load, upWhileAway, recovered), charts: [draw(times, record, load)] };
  });
}

function rowsOf(times: Times, record: FunctionRecord, load: Load, upWhileAway: number | undefined, recovered: number | undefined): Row[] {
  const { killed, doubled, back, end } = times;
  const lowest = record.asked.range(killed, doubled).min;
  const after = record.asked.range(record.asked.first(doubled, (asked) => asked >= pods(MORE_CLIENTS)) ?? back, end).min;
  const lost = Math.max(0, pods(CLIENTS) - lowest) + Math.max(0, pods(MORE_CLIENTS) - after);
  const followed = (record.asked.first(doubled, (asked) => asked >= pods(MORE_CLIENTS)) ?? Number.POSITIVE_INFINITY) - doubled;
  const said = record.conditions.find(
    ({ type, status, at }) => type === 'ScalingActive' && status !== 'True' && at >= killed && at <= back,
  );
  const again = record.conditions.find(({ type, status, at }) => type === 'ScalingActive' && status === 'True' && at >= back);
  const metric = upWhileAway === undefined ? 'no such metric' : `lull_autoscaler_prometheus_up ${upWhileAway}`;
  return [
    {
      name: 'Prometheus away: failed requests',
      bar: '0',
      figure: `${load.failures.length} of ${load.done.length}`,
      met: load.failures.length === 0,
    },
    { name: 'Prometheus away: pods removed wrongly', bar: '0', figure: `${lost}`, met: lost === 0 },
    {
      name: `Prometheus away: twice the demand, ${pods(MORE_CLIENTS)} pods asked for`,
      bar: 'before it is back',
      figure: `after ${seconds(followed)}`,
      met: doubled + followed < back,
    },
    {
      name: 'Prometheus away: a condition and a metric say so',
      bar: 'both',
      figure: said
        ? `ScalingActive ${said.status} (${said.reason}) after ${seconds(said.at - killed)}; ${metric}`
        : `no condition ScalingActive; ${metric}`,
      met: said !== undefined && upWhileAway === 0,
    },
    {
      name: 'Prometheus back with empty data: both take it back',
      bar: '≤ 30 s',
      figure: `condition ${again ? `after ${seconds(again.at - back)}` : 'never'}, metric ${recovered === undefined ? 'never' : `after ${seconds(recovered)}`}`,
      met: again !== undefined && again.at - back <= 30_000 && recovered !== undefined,
    },
  ];
}

function draw({ begun, killed, doubled, back, end }: Times, { asked, ready }: FunctionRecord, load: Load): Outcome['charts'][number] {
  const at = (time: number): number => (time - begun) / 1000;
  return {
    title: 'Prometheus is killed under load, and starts again with empty data',
    y: 'pods',
    xMax: at(end),
    bands: [{ from: at(killed), to: at(back), label: 'no Prometheus' }],
    marks: [{ at: at(doubled), label: 'twice the clients' }],
    series: [
      { label: 'Ready', tone: 'ready', shape: 'area', points: ready.points(begun, end) },
      { label: `demand ÷ ${TARGET}`, tone: 'demand', shape: 'line', points: dividedBy(inFlight(load.done, begun, end, 500), TARGET) },
      { label: 'asked for', tone: 'asked', shape: 'step', points: asked.points(begun, end) },
    ],
  };
}
