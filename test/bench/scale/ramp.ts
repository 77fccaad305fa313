import { setTimeout as sleep } from 'node:timers/promises';
import { FunctionWatch } from '../../support/function-watch.ts';
import { untilReady } from '../../support/functions.ts';
import { apply } from '../../support/kubectl.ts';
import { Load } from '../../support/load.ts';
import { inFlight, latency } from './demand.ts';
import { type Bench, count, type Outcome, type Row, seconds } from './outcome.ts';
import { quantile } from './quantile.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-ramp';
const TARGET = 5;
const HANDLER_MILLIS = 100;
const LEVELS = [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50];
const STEP_MILLIS = 6000;
/** How long the last level is held: what overshoots does so after the end of the growth. */
const HOLD_MILLIS = 12_000;

/** Pods that a number of clients needs. Example: 23 clients at target 5 → 5. */
const ideal = (clients: number): number => Math.ceil(clients / TARGET);

/** Growing demand: closed-loop clients 1 → 50 over 60 s, from zero pods, with the scale settings that a Function has when none is written but the target. */
export function ramp({ kube, say }: Bench): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    await apply(web('ramp', NAMESPACE, 2 * TARGET, { target: TARGET }));
    await untilReady('ramp', NAMESPACE);
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const load = new Load(NAMESPACE, ['ramp'], `/slow?ms=${HANDLER_MILLIS}`);
    const steps: { at: number; clients: number }[] = [];
    for (const clients of LEVELS) {
      steps.push({ at: Date.now(), clients });
      load.clients(clients);
      await sleep(clients === LEVELS.at(-1) ? HOLD_MILLIS : STEP_MILLIS);
      const { asked, ready } = watch.of('ramp');
      say(`${clients} clients: ${asked.now} pods asked for, ${ready.now} Ready, ideal ${ideal(clients)}`);
    }
    const end = Date.now();
    await load.stop();
    watch.stop();
    return report(steps, end, load, watch);
  });
}

function report(steps: readonly { at: number; clients: number }[], end: number, load: Load, watch: FunctionWatch): Outcome {
  const { asked, ready } = watch.of('ramp');
  const begin = steps[0]?.at ?? 0;
  const enough = (clients: number) => (pods: number) => pods >= 0.9 * ideal(clients);
  // Milliseconds from each step to nine tenths of its ideal; a step that has not got there by the end of its 6 s has missed.
  const reached = steps.map(({ at, clients }) => (ready.first(at, enough(clients)) ?? Number.POSITIVE_INFINITY) - at);
  const askedAfter = steps.map(({ at, clients }) => (asked.first(at, enough(clients)) ?? Number.POSITIVE_INFINITY) - at);
  const late = reached.filter((millis) => millis > STEP_MILLIS).length;
  const final = ideal(LEVELS.at(-1) ?? 0);
  const most = asked.range(begin, end).max;
  const up = Math.min(...load.done.map(({ begun, millis }) => begun + millis));
  const p99 = quantile(
    load.done.filter(({ begun }) => begun >= up).map(({ millis }) => millis),
    0.99,
  );
  const rows: Row[] = [
    {
      name: 'growing demand: failed requests',
      bar: '0',
      figure: `${load.failures.length} of ${load.done.length}`,
      met: load.failures.length === 0,
    },
    {
      name: 'growing demand: Ready pods ≥ 90 % of the ideal after a step',
      bar: '≤ 6 s',
      figure: `worst ${seconds(Math.max(...reached))} (asked for ${seconds(Math.max(...askedAfter))})${late > 0 ? `, ${count(late, 'step')} late` : ''}`,
      met: late === 0,
    },
    {
      name: 'growing demand: overshoot',
      bar: `≤ 25 % of ${final}`,
      figure: `${most} pods, ${(((most - final) / final) * 100).toFixed(0)} %`,
      met: most <= 1.25 * final,
    },
    {
      name: 'growing demand: p99 once the first pod is up',
      bar: `≤ ${2 * HANDLER_MILLIS} ms`,
      figure: `${p99.toFixed(0)} ms`,
      met: p99 <= 2 * HANDLER_MILLIS,
    },
  ];
  const xMax = (end - begin) / 1000;
  const clients = steps.map(({ at, clients: now }): [number, number] => [(at - begin) / 1000, now]);
  const wanted = steps.map(({ at, clients: now }): [number, number] => [(at - begin) / 1000, ideal(now)]);
  const last = <T>(points: [number, T][]): [number, T][] => [...points, [xMax, (points.at(-1) as [number, T])[1]]];
  return {
    rows,
    charts: [
      {
        title: 'Growing demand: clients that each send their next request when the last is answered',
        y: 'requests in flight',
        wide: true,
        xMax,
        series: [
          { label: 'clients', tone: 'ideal', shape: 'dashed', points: last(clients) },
          { label: 'held and running', tone: 'demand', shape: 'line', points: inFlight(load.done, begin, end) },
        ],
      },
      {
        title: `Pods that follow, at ${TARGET} requests each`,
        y: 'pods',
        wide: true,
        xMax,
        series: [
          { label: 'Ready', tone: 'ready', shape: 'area', points: ready.points(begin, end) },
          { label: 'asked for', tone: 'asked', shape: 'step', points: asked.points(begin, end) },
          { label: 'ideal', tone: 'ideal', shape: 'dashed', points: last(wanted) },
        ],
      },
      {
        title: `Latency of a handler of ${HANDLER_MILLIS} ms, by the second`,
        y: 'milliseconds',
        wide: true,
        xMax,
        yMax: 4 * HANDLER_MILLIS,
        series: [
          {
            label: 'bar',
            tone: 'limit',
            shape: 'dashed',
            points: [
              [0, 2 * HANDLER_MILLIS],
              [xMax, 2 * HANDLER_MILLIS],
            ],
          },
          { label: 'p50', tone: 'median', shape: 'line', points: latency(load.done, 0.5, begin, end) },
          { label: 'p99', tone: 'tail', shape: 'line', points: latency(load.done, 0.99, begin, end) },
        ],
      },
    ],
  };
}
