import { setTimeout as sleep } from 'node:timers/promises';
import { type FunctionRecord, FunctionWatch } from '../../support/function-watch.ts';
import { untilReady } from '../../support/functions.ts';
import { apply } from '../../support/kubectl.ts';
import { Load } from '../../support/load.ts';
import { dividedBy, inFlight } from './demand.ts';
import { type Bench, count, type Outcome, type Row } from './outcome.ts';
import { inNamespace, web } from './web.ts';

const NAMESPACE = 'bench-scale-steady';
const TARGET = 5;
const HANDLER_MILLIS = 200;
/** As many as four pods carry, exactly. */
const CLIENTS = 20;
/** Mean demand of the arrivals at random: as much as three pods carry, exactly, so that half of all moments ask for a fourth. */
const MEAN = 15;
const MAX = 10;
const FIRST_MINUTE = 60;
/** In which the arrivals at random grow to their rate. */
const WARM_UP_SECONDS = 20;

/** Steady load for `lasting` s: clients in a closed loop, and beside them, on another function, arrivals at random whose mean lies right at a pod boundary. */
export function steady({ kube, say }: Bench, lasting = Number(process.env['STEADY_SECONDS'] ?? 300)): Promise<Outcome> {
  return inNamespace(NAMESPACE, async () => {
    const names = ['constant', 'random'];
    await apply(...names.map((name) => web(name, NAMESPACE, 2 * TARGET, { target: TARGET, max: MAX })));
    await Promise.all(names.map((name) => untilReady(name, NAMESPACE)));
    const watch = await FunctionWatch.start(kube, NAMESPACE);
    const constant = new Load(NAMESPACE, ['constant'], `/slow?ms=${HANDLER_MILLIS}`);
    const random = new Load(NAMESPACE, ['random'], `/slow?ms=${HANDLER_MILLIS}`);
    // Arrivals that do not wait for answers would pile up while the first pod comes up, and ask for pods by the dozen: that is a burst, measured elsewhere.
    const full = (MEAN / HANDLER_MILLIS) * 1000;
    for (let part = 1; part < WARM_UP_SECONDS; part += 1) {
      random.poisson((full * part) / WARM_UP_SECONDS);
      await sleep(1000);
    }
    const begun = Date.now();
    random.poisson(full);
    constant.clients(CLIENTS);
    // What the way there and back adds to the handler's time is demand, too: the rate is set anew by what it was, so that the mean is at the boundary indeed.
    await sleep(Math.min(20, lasting / 4) * 1000);
    const millis = meanMillis(random, begun);
    random.poisson((MEAN / millis) * 1000);
    say(
      `a request takes ${millis.toFixed(1)} ms in the mean: ${((MEAN / millis) * 1000).toFixed(1)} arrivals a second keep ${MEAN} in flight`,
    );
    for (const end = begun + lasting * 1000; Date.now() < end; await sleep(Math.min(30_000, Math.max(0, end - Date.now())))) {
      const [one, other] = names.map((name) => watch.of(name).asked.now);
      say(`${Math.round((Date.now() - begun) / 1000)} s: ${one} pods for ${CLIENTS} clients, ${other} for arrivals at random`);
    }
    const end = Date.now();
    await Promise.all([constant.stop(), random.stop()]);
    watch.stop();
    const mean = inFlight(random.done, begun + FIRST_MINUTE * 1000, end, 1000).reduce(
      (sum, [, value], _, all) => sum + value / all.length,
      0,
    );
    for (const name of names) {
      const { asked, scales } = watch.of(name);
      for (const { at, value } of asked.changes(begun, end)) {
        const why = scales.find((one) => one.at > at - 500 && one.scale.desired === value)?.scale.reason;
        say(`${name}: ${value} pods at ${((at - begun) / 1000).toFixed(1)} s: ${why ?? 'for no reason that the status tells'}`);
      }
    }
    const points = (name: string): [number, number][] => watch.of(name).asked.points(begun, end);
    return {
      rows: [
        changes(`${CLIENTS} clients in a closed loop`, watch.of('constant'), begun, end, constant),
        changes(`arrivals at random, ${mean.toFixed(1)} in flight in the mean`, watch.of('random'), begun, end, random),
      ],
      charts: [
        {
          title: 'Steady load right at the boundary of a pod',
          y: 'pods',
          xMax: (end - begun) / 1000,
          marks: [{ at: FIRST_MINUTE, label: 'no change from here on' }],
          series: [
            {
              label: `arrivals at random ÷ ${TARGET}`,
              tone: 'demand',
              shape: 'line',
              points: dividedBy(inFlight(random.done, begun, end, 2000), TARGET),
            },
            { label: 'pods for them', tone: 'asked', shape: 'step', points: points('random') },
            { label: `pods for ${CLIENTS} clients`, tone: 'ready', shape: 'step', points: points('constant') },
          ],
        },
      ],
    };
  });
}

/** Of the second half of the time since then. */
function meanMillis({ done }: Load, begun: number): number {
  const half = (begun + Date.now()) / 2;
  const settled = done.filter((one) => one.begun > half);
  return settled.reduce((sum, { millis }) => sum + millis / settled.length, 0);
}

function changes(what: string, { asked }: FunctionRecord, begun: number, end: number, load: Load): Row {
  const after = asked.changes(begun + FIRST_MINUTE * 1000, end);
  const values = after.map(({ at, value }) => `${value} at ${Math.round((at - begun) / 1000)} s`);
  const failed = load.failures.length > 0 ? `, ${load.failures.length} failed requests` : '';
  return {
    name: `steady: ${what}`,
    bar: '0 changes',
    figure: `${count(after.length, 'change')} in ${Math.round((end - begun) / 1000) - FIRST_MINUTE} s${values.length > 0 ? `: ${values.join(', ')}` : ''}${failed}`,
    met: after.length === 0 && load.failures.length === 0,
  };
}
