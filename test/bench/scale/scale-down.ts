import { setTimeout as sleep } from 'node:timers/promises';
import { type FunctionRecord, FunctionWatch, type PodLife } from '../../support/function-watch.ts';
import { untilReady } from '../../support/functions.ts';
import { call } from '../../support/http.ts';
import { apply } from '../../support/kubectl.ts';
import { Load } from '../../support/load.ts';
import { until } from '../../support/wait.ts';
import type { Bench, Outcome } from './outcome.ts';
import type { Chart } from './plot/chart.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-down';
const PODS = 5;
const TARGET = 2;
const CONCURRENCY = 4;
const LONG_MILLIS = 30_000;

interface Try {
  right: boolean;
  says: string;
  chart: Chart;
}

/**
 * From 5 pods, of which one serves a request of 30 s, down to the one that this request needs: by the autoscaler, because all other demand ends. Right is a try in which the
 * request is answered in full, its pod was not asked to end before, and pods that were idle were. Chosen blindly, one try in five would be.
 */
export function scaleDown({ kube, say }: Bench, tries = 20, atOnce = 5): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    const names = Array.from({ length: Math.min(tries, atOnce) }, (_, i) => `down-${i + 1}`);
    const scale = {
      target: TARGET,
      max: PODS,
      stableWindowSeconds: 6,
      panicWindowSeconds: 6,
      scaleDownDelaySeconds: 0,
      maxScaleDownRate: 100,
    };
    await apply(...names.map((name) => web(name, NAMESPACE, CONCURRENCY, { ...scale, idleSeconds: 30 })));
    await Promise.all(names.map((name) => untilReady(name, NAMESPACE)));
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const results: Try[] = [];
    let left = tries;
    const one = async (name: string): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const result = await attempt(name, watch.of(name));
        results.push(result);
        say(`try ${results.length}: ${result.right ? 'right' : 'WRONG'}, ${result.says}`);
      }
    };
    await Promise.all(names.map(one));
    watch.stop();
    const right = results.filter((result) => result.right).length;
    const figure = `${right} of ${tries}`;
    const shown = results.find((result) => !result.right) ?? results[0];
    return {
      rows: [{ name: 'scale-down from 5: the busy pod stays, idle ones go', bar: `${tries} of ${tries}`, figure, met: right === tries }],
      charts: shown ? [shown.chart] : [],
    };
  });
}

async function attempt(name: string, record: FunctionRecord): Promise<Try> {
  const load = new Load(NAMESPACE, [name], '/slow?ms=500');
  load.clients(PODS * TARGET);
  await until(`${PODS} pods of ${name}`, async () => record.ready.now === PODS && record.asked.now === PODS, 60_000, 50);
  const begun = Date.now();
  const long = call(name, NAMESPACE, { path: `/slow?ms=${LONG_MILLIS}`, timeoutMillis: LONG_MILLIS + 30_000 });
  await sleep(1000);
  await load.stop(30_000);
  const answer = await long.catch((error: Error) => ({ status: 0, body: error.message }));
  const answered = Date.now();
  const busy = answer.status === 200 ? (JSON.parse(answer.body) as { pod?: string }).pod : undefined;
  const alive = [...record.pods.values()].filter(({ created, ending }) => created < begun + 1000 && (ending ?? answered) > begun);
  const ended = alive.filter(({ ending }) => ending !== undefined && ending < answered);
  const problem = wrong(answer, busy, ended, load.failures.length);
  return {
    right: problem === undefined,
    says: problem ?? `${ended.length} idle pods went, the busy one stayed`,
    chart: draw(alive, busy, begun, answered, load.lastAnswer),
  };
}

function wrong(
  answer: { status: number; body: string },
  busy: string | undefined,
  ended: readonly PodLife[],
  failures: number,
): string | undefined {
  if (answer.status !== 200) return `the long request was answered ${answer.status} ${answer.body.slice(0, 200)}`;
  if (busy === undefined) return 'the test server does not say which pod it is';
  if (ended.some(({ name }) => name === busy)) return `the busy pod ${busy} was asked to end`;
  if (ended.length === 0) return 'no pod went at all';
  return failures > 0 ? `${failures} short requests failed` : undefined;
}

function draw(pods: readonly PodLife[], busy: string | undefined, begun: number, answered: number, quiet: number): Chart {
  const end = answered + 3000;
  const at = (time: number): number => Math.max(0, time - begun) / 1000;
  const sorted = pods.toSorted((a, b) => Number(b.name === busy) - Number(a.name === busy) || a.created - b.created);
  const lives = sorted.map(({ ending = end }, row) => ({ row, from: 0, to: at(Math.min(ending, end)), tone: 'ready' as const }));
  const request = { row: 0, from: 0, to: at(answered), tone: 'demand' as const, label: 'one request of 30 s' };
  return {
    title: 'Scaling down takes idle pods',
    y: '',
    xMax: at(end),
    rows: sorted.map(({ name }, row) => (name === busy ? 'busy pod' : `idle pod ${row}`)),
    spans: [...lives, request],
    marks: [{ at: at(quiet), label: 'all other demand ends' }],
    series: [],
  };
}
