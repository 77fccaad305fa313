import { FunctionWatch } from '../../support/function-watch.ts';
import { untilNoPods, untilReady } from '../../support/functions.ts';
import { apply } from '../../support/kubectl.ts';
import { Load } from '../../support/load.ts';
import { until } from '../../support/wait.ts';
import { Floor } from '../coldstart/floor.ts';
import { median } from '../coldstart/statistics.ts';
import { dividedBy, inFlight } from './demand.ts';
import { type Bench, type Outcome, seconds } from './outcome.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-step';
const REQUESTS = 100;
const CONCURRENCY = 10;
const PODS = REQUESTS / CONCURRENCY;
const HANDLER_MILLIS = 200;

interface Round {
  floor: number;
  /** From the burst to ten pods asked for, and to the last answer, in ms. */
  asked: number;
  total: number;
  failures: number;
  answers: number;
}

/** 0 → 100 held requests at once, beside the floor: the same pod template scaled 0 → 10 by hand, until all processes run. */
export function step({ kube, say }: Bench, rounds = 3): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    await apply(web('step', NAMESPACE, CONCURRENCY, { idleSeconds: 600 }));
    const revision = (await untilReady('step', NAMESPACE)).status?.activeRevision ?? '';
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const floor = new Floor(kube, NAMESPACE);
    await floor.create(revision);
    const results: Round[] = [];
    let chart: Outcome['charts'] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const floorMillis = await floor.wake(PODS);
      await toZero(floor.name);
      await untilGone(`app=${floor.name}`);
      await untilNoPods('step', NAMESPACE);
      const load = new Load(NAMESPACE, ['step'], `/slow?ms=${HANDLER_MILLIS}`);
      load.burst(REQUESTS);
      await load.stop(60_000);
      const begun = Math.min(...load.done.map((done) => done.begun));
      const { asked, ready } = watch.of('step');
      await until('ten pods Ready', async () => ready.now >= PODS, 20_000).catch(() => undefined);
      const result = {
        floor: floorMillis,
        asked: (asked.first(begun, (pods) => pods >= PODS) ?? Number.POSITIVE_INFINITY) - begun,
        total: load.lastAnswer - begun,
        failures: load.failures.length,
        answers: load.done.length,
      };
      results.push(result);
      say(
        `round ${round}: 10 pods asked for after ${seconds(result.asked)}, last answer after ${seconds(result.total)}, floor ${seconds(floorMillis)}`,
      );
      if (round === rounds) chart = [draw(begun, result, load, watch)];
      await toZero(revision);
      await untilNoPods('step', NAMESPACE);
    }
    floor.close();
    watch.stop();
    return { rows: rowsOf(results), charts: chart };

    async function toZero(deployment: string): Promise<void> {
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${deployment}/scale`;
      await kube.request('PATCH', path, { contentType: 'application/merge-patch+json', body: { spec: { replicas: 0 } } });
    }
    async function untilGone(selector: string): Promise<void> {
      const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${encodeURIComponent(selector)}`;
      const gone = async () => ((await kube.request('GET', path)).body as { items: unknown[] }).items.length === 0;
      await until(`no pod of ${selector}`, gone, 90_000, 100);
    }
  });
}

function rowsOf(results: readonly Round[]): Outcome['rows'] {
  const worst = Math.max(...results.map(({ asked }) => asked));
  const answered = results.reduce((sum, { answers, failures }) => sum + answers - failures, 0);
  const sent = results.length * REQUESTS;
  const [total, floor] = [median(results.map((one) => one.total)), median(results.map((one) => one.floor))];
  return [
    {
      name: 'step 0 → 100 held: 10 pods asked for',
      bar: '≤ 1 s',
      figure: `worst ${seconds(worst)} of ${results.length}`,
      met: worst <= 1000,
    },
    { name: 'step 0 → 100 held: answered 200', bar: 'all', figure: `${answered} of ${sent}`, met: answered === sent },
    {
      name: 'step 0 → 100 held: until the last answer',
      bar: '',
      figure: `${seconds(total)}; floor for 10 pods at once ${seconds(floor)}, handler ${seconds(HANDLER_MILLIS)}`,
    },
  ];
}

function draw(begun: number, { asked: askedMillis, total, floor }: Round, load: Load, watch: FunctionWatch): Outcome['charts'][number] {
  const { asked, ready } = watch.of('step');
  const end = begun + Math.max(4000, total + 1500);
  return {
    title: `A step from zero: ${REQUESTS} requests at once, ${CONCURRENCY} a pod`,
    y: 'pods',
    xMax: (end - begun) / 1000,
    marks: [
      { at: askedMillis / 1000, label: `all asked for ${seconds(askedMillis)}` },
      { at: floor / 1000, label: `floor ${seconds(floor)}` },
      { at: total / 1000, label: `last answer ${seconds(total)}` },
    ],
    series: [
      { label: 'Ready', tone: 'ready', shape: 'area', points: ready.points(begun, end) },
      {
        label: `held and running ÷ ${CONCURRENCY}`,
        tone: 'demand',
        shape: 'line',
        points: dividedBy(inFlight(load.done, begun, end, 50), CONCURRENCY),
      },
      { label: 'asked for', tone: 'asked', shape: 'step', points: asked.points(begun, end) },
    ],
  };
}
