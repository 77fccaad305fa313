import { setTimeout as sleep } from 'node:timers/promises';
import { type FunctionRecord, FunctionWatch } from '../../support/function-watch.ts';
import { untilReady } from '../../support/functions.ts';
import { call } from '../../support/http.ts';
import { apply } from '../../support/kubectl.ts';
import { Load } from '../../support/load.ts';
import { until } from '../../support/wait.ts';
import { type Bench, type Outcome, type Row, seconds } from './outcome.ts';
import type { Series } from './plot/chart.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-ends';
const TARGET = 5;
const CLIENTS = 12;
const PODS = Math.ceil(CLIENTS / TARGET);
/** What the bar allows over idleSeconds. */
const GRACE_SECONDS = 10;

/** A time that load ended, in ms since the last answer. */
interface End {
  /** Until none was asked for. */
  asked: number;
  /** Until none was left. */
  gone: number;
}

/** Load on three pods ends, for functions of several idle times; beside them one that is called again each time shortly before its idle time is over. */
export function loadEnds({ kube, say }: Bench, idles: readonly number[] = [5, 20], rounds = 2): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    const names = [...idles.map((idle) => `idle-${idle}`), 'sparse'];
    const shortest = Math.min(...idles);
    const manifests = idles.map((idle) => web(`idle-${idle}`, NAMESPACE, 2 * TARGET, { target: TARGET, idleSeconds: idle }));
    await apply(...manifests, web('sparse', NAMESPACE, 2 * TARGET, { target: TARGET, idleSeconds: shortest }));
    await Promise.all(names.map((name) => untilReady(name, NAMESPACE)));
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const of = (idle: number): FunctionRecord => watch.of(`idle-${idle}`);
    const chart: Series[] = [];
    const ends = new Map<number, End[]>();
    const follow = async (idle: number, index: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        const { end, answered } = await once(`idle-${idle}`, of(idle));
        ends.set(idle, [...(ends.get(idle) ?? []), end]);
        say(`idleSeconds ${idle}: zero asked for ${seconds(end.asked)} after the last answer, none left after ${seconds(end.gone)}`);
        if (round > 0) continue;
        const points = of(idle).asked.points(answered - 3000, answered + (Math.max(...idles) + GRACE_SECONDS + 3) * 1000);
        chart.push({ label: `idleSeconds ${idle}`, tone: index === 0 ? 'asked' : 'second', shape: 'step', points });
      }
    };
    const [sparse] = await Promise.all([calledAgain(shortest, watch.of('sparse')), ...idles.map(follow)]);
    watch.stop();
    return {
      rows: [...idles.map((idle) => rowOf(idle, ends.get(idle) ?? [])), sparse],
      charts: [
        {
          title: `Load on ${PODS} pods ends`,
          y: 'pods asked for',
          marks: [{ at: 3, label: 'last answer' }],
          bands: idles.map((idle) => ({ from: 3 + idle, to: 3 + idle + GRACE_SECONDS, label: `${idle} to ${idle + GRACE_SECONDS} s` })),
          series: chart,
        },
      ],
    };
  });
}

async function once(name: string, record: FunctionRecord): Promise<{ end: End; answered: number }> {
  const load = new Load(NAMESPACE, [name], '/slow?ms=100');
  load.clients(CLIENTS);
  await until(`${PODS} pods of ${name}`, async () => record.ready.now >= PODS, 60_000, 50);
  await load.stop(20_000);
  const answered = load.lastAnswer;
  await until(`no pod asked for of ${name}`, async () => record.asked.now === 0, 120_000, 50);
  const asked = (record.asked.first(answered, (pods) => pods === 0) ?? Number.NaN) - answered;
  await until(`no pod of ${name}`, async () => [...record.pods.values()].every(({ gone }) => gone !== undefined), 90_000, 50);
  return { end: { asked, gone: Date.now() - answered }, answered };
}

function rowOf(idle: number, ends: readonly End[]): Row {
  const all = ends.map(({ asked }) => asked);
  const within = ends.length > 0 && Math.min(...all) >= idle * 1000 && Math.max(...all) <= (idle + GRACE_SECONDS) * 1000;
  const gone = seconds(Math.max(...ends.map((end) => end.gone)));
  return {
    name: `load ends, idleSeconds ${idle}: zero asked for`,
    bar: `${idle} to ${idle + GRACE_SECONDS} s`,
    figure: `${all.map(seconds).join(', ')} (last pod gone: ${gone})`,
    met: within,
  };
}

/** One call each idleSeconds − 1: it must never be at zero. */
async function calledAgain(idle: number, { asked }: FunctionRecord): Promise<Row> {
  const every = (idle - 1) * 1000;
  let failures = 0;
  const begun = Date.now();
  let zeros = 0;
  for (let i = 0; i < 6; i += 1) {
    const answer = await call('sparse', NAMESPACE);
    if (answer.status !== 200) failures += 1;
    const answered = Date.now();
    await sleep(every);
    zeros += asked.changes(answered).filter(({ value }) => value === 0).length;
  }
  return {
    name: `load ends, idleSeconds ${idle}: called each ${idle - 1} s`,
    bar: 'never zero',
    figure: `${zeros} times zero, ${failures} failures in ${seconds(Date.now() - begun)}`,
    met: zeros === 0 && failures === 0,
  };
}
