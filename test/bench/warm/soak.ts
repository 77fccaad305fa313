import type { KubeTransport } from '../../../common/kube/transport.ts';
import { pythonFunction, untilReady, withNamespace } from '../../support/functions.ts';
import { call, serverTiming } from '../../support/http.ts';
import { apply } from '../../support/kubectl.ts';
import { residentMebibytes } from '../../support/resident-memory.ts';
import { poolPods, toZero, untilEligible, untilFree, warmPool } from '../../support/warm-pools.ts';
import { type Bar, spread } from './bar.ts';

const CLAIMS = Number(process.env['CLAIMS'] ?? 1000);
const FUNCTIONS = 6;
const SIZE = 5;
const source = "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n";

/** Claims in a row: six functions in turns, each at zero when it is called. Nothing may grow, and the pool is back at its size within 10 s of quiet. */
export async function soak(kube: KubeTransport, namespace: string): Promise<Bar[]> {
  await withNamespace(namespace);
  const names = Array.from({ length: FUNCTIONS }, (_, i) => `soak-${i}`);
  await apply(
    warmPool('pool', namespace, { runtime: 'python3.11', size: SIZE }),
    ...names.map((name) => pythonFunction(name, namespace, source, { scale: { idleSeconds: 600 } })),
  );
  const revisions = new Map<string, string>();
  for (const name of names) {
    revisions.set(name, (await untilReady(name, namespace)).status?.activeRevision ?? '');
    await untilEligible(name, namespace);
  }
  await untilFree(kube, namespace, 'pool', SIZE);
  const first = await memory();
  const millis: number[] = [];
  let failed = 0;
  let claims = 0;
  const began = performance.now();
  const zeroing: Promise<void>[] = names.map(() => Promise.resolve());
  for (let i = 0; claims < CLAIMS && i < 2 * CLAIMS; i += 1) {
    const turn = i % FUNCTIONS;
    const name = names[turn] as string;
    await zeroing[turn];
    await untilFree(kube, namespace, 'pool', 1);
    const answer = await call(name, namespace);
    if (answer.status !== 200) failed += 1;
    if (serverTiming(answer).has('claim')) {
      claims += 1;
      millis.push(answer.firstByteMillis);
    }
    zeroing[turn] = toZero(kube, namespace, name, revisions.get(name) ?? '');
    if (i % 50 === 0)
      console.log(
        `  ${claims} claims in ${i + 1} wakes, ${((performance.now() - began) / 1000).toFixed(0)} s; memory ${words(await memory())}`,
      );
  }
  await Promise.all(zeroing);
  const quiet = performance.now();
  let back = true;
  await untilFree(kube, namespace, 'pool', SIZE, 10_000).catch(() => {
    back = false;
  });
  const backSeconds = (performance.now() - quiet) / 1000;
  const pods = await poolPods(kube, namespace);
  const last = await memory();
  const grown = Object.entries(last).map(([component, mebibytes]) => mebibytes - (first[component] ?? mebibytes));
  return [
    { text: `${claims} claims in a row, ${failed} failed: ${spread(millis)}`, met: failed === 0 && claims >= CLAIMS },
    { text: `the pool is back at ${SIZE} after ${backSeconds.toFixed(1)} s of quiet (bar 10)`, met: back },
    { text: `${pods.length} pods of the pool are there, ${SIZE} of them wanted`, met: pods.length === SIZE },
    { text: `memory before ${words(first)}, after ${words(last)} (at most 20 MiB more)`, met: grown.every((mebibytes) => mebibytes < 20) },
  ];
}

const words = (memory: Record<string, number>): string =>
  Object.entries(memory)
    .map(([component, mebibytes]) => `${component} ${mebibytes.toFixed(0)} MiB`)
    .join(', ');

/** Resident memory of each component, the largest of its pods. */
async function memory(): Promise<Record<string, number>> {
  const out: Record<string, number> = {};
  for (const component of ['operator', 'activator']) out[component] = Math.max(...(await residentMebibytes(component)));
  return out;
}
