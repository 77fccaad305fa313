import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { KubeTransport } from '../../../common/kube/transport.ts';
import { nodeFunction, pythonFunction, untilReady, withNamespace } from '../../support/functions.ts';
import { call, serverTiming } from '../../support/http.ts';
import { apply } from '../../support/kubectl.ts';
import { toZero, untilEligible, untilFree, warmPool } from '../../support/warm-pools.ts';
import { median } from '../coldstart/statistics.ts';
import { quantile } from '../scale/quantile.ts';
import { type Bar, spread } from './bar.ts';

const WAKES = Number(process.env['WAKES'] ?? 30);
const SIZE = 3;
const hello = readFileSync(path.resolve(import.meta.dirname, '../../../examples/hello/lambda_function.py'), 'utf8');
const node = "export const handler = async () => ({ statusCode: 200, body: 'ok' });\n";

const VARIANTS = [
  {
    name: 'hello',
    pool: 'python3.11',
    p50: 40,
    p99: 100,
    make: (name: string, ns: string, spec: object) => pythonFunction(name, ns, hello, { ...spec }),
  },
  {
    name: 'node',
    pool: 'nodejs24.x',
    p50: 30,
    p99: 100,
    make: (name: string, ns: string, spec: object) => nodeFunction(name, ns, node, { ...spec }),
  },
] as const;

/** One wake at a time, from the pool and the ordinary way in turns. Between two wakes the pool is full again and no pod of the function is left. */
export async function single(kube: KubeTransport, namespace: string): Promise<Bar[]> {
  await withNamespace(namespace);
  await apply(
    ...VARIANTS.map(({ pool }) => warmPool(pool, namespace, { runtime: pool, size: SIZE })),
    ...VARIANTS.flatMap(({ name, make }) => [
      make(name, namespace, { scale: { idleSeconds: 600 } }),
      make(`${name}-cold`, namespace, { scale: { idleSeconds: 600, warmPool: 'never' } }),
    ]),
  );
  const revisions = new Map<string, string>();
  for (const { name } of VARIANTS) {
    for (const fn of [name, `${name}-cold`]) revisions.set(fn, (await untilReady(fn, namespace)).status?.activeRevision ?? '');
    await untilEligible(name, namespace);
  }
  const samples = new Map([...revisions.keys()].map((name): [string, number[]] => [name, []]));
  const phases = new Map<string, number[]>();
  const bars: Bar[] = [];
  let claimed = 0;
  for (let wake = 0; wake <= WAKES; wake += 1) {
    for (const { name, pool } of VARIANTS) {
      for (const fn of [name, `${name}-cold`]) {
        await untilFree(kube, namespace, pool, SIZE);
        const answer = await call(fn, namespace);
        await toZero(kube, namespace, fn, revisions.get(fn) ?? '');
        if (answer.status !== 200) bars.push({ text: `${fn} answered ${answer.status} ${answer.body}`, met: false });
        // The first of each is not counted: it reads the image from the disk.
        if (wake === 0) continue;
        samples.get(fn)?.push(answer.firstByteMillis);
        const timing = serverTiming(answer);
        if (fn === name && timing.has('claim')) claimed += 1;
        if (fn === name)
          for (const [phase, millis] of timing) phases.set(`${name} ${phase}`, [...(phases.get(`${name} ${phase}`) ?? []), millis]);
      }
    }
    process.stdout.write(`wake ${wake} of ${WAKES}\r`);
  }
  for (const [phase, millis] of phases) console.log(`  ${phase}: p50 ${median(millis).toFixed(1)} ms`);
  bars.push({ text: `${claimed} of ${2 * WAKES} first requests were answered by a pod of the pool`, met: claimed === 2 * WAKES });
  for (const { name, p50, p99 } of VARIANTS) {
    const warm = samples.get(name) ?? [];
    const cold = samples.get(`${name}-cold`) ?? [];
    const ratio = median(warm) / median(cold);
    bars.push({
      text: `${name} from a pool of ${SIZE}: ${spread(warm)}; bar p50 ${p50}, p99 ${p99}; ordinary wake ${spread(cold)}; ratio ${ratio.toFixed(3)}`,
      met: median(warm) <= p50 && quantile(warm, 0.99) <= p99,
    });
  }
  return bars;
}
