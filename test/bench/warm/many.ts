import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeTransport } from '../../../common/kube/transport.ts';
import { pythonFunction, untilReady, withNamespace } from '../../support/functions.ts';
import { call } from '../../support/http.ts';
import { apply } from '../../support/kubectl.ts';
import { toZero, untilEligible, untilFree, warmPool } from '../../support/warm-pools.ts';
import { median } from '../coldstart/statistics.ts';
import { type Bar, spread } from './bar.ts';

const FUNCTIONS = 30;
const WAVES = Number(process.env['WAVES'] ?? 4);
const SIZE = 5;
const source = "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': context.function_name}\n";

/** 30 functions are called within one second, and the same 30 handlers without a pool, in waves that take turns; and one of them alone. */
export async function many(kube: KubeTransport, namespace: string): Promise<Bar[]> {
  await withNamespace(namespace);
  const names = (prefix: string): string[] => Array.from({ length: FUNCTIONS }, (_, i) => `${prefix}-${i}`);
  const groups = { warm: names('warm'), cold: names('cold') };
  const scale = { idleSeconds: 600 };
  await apply(
    warmPool('pool', namespace, { runtime: 'python3.11', size: SIZE }),
    ...groups.warm.map((name) => pythonFunction(name, namespace, source, { scale })),
    ...groups.cold.map((name) => pythonFunction(name, namespace, source, { scale: { ...scale, warmPool: 'never' } })),
  );
  const revisions = new Map<string, string>();
  for (const name of [...groups.cold, ...groups.warm])
    revisions.set(name, (await untilReady(name, namespace, 120_000)).status?.activeRevision ?? '');
  await untilEligible(`warm-${FUNCTIONS - 1}`, namespace);
  await untilFree(kube, namespace, 'pool', SIZE);
  const alone: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    alone.push((await call('cold-0', namespace)).firstByteMillis);
    await toZero(kube, namespace, 'cold-0', revisions.get('cold-0') ?? '');
  }
  const bars: Bar[] = [];
  const wave = async (group: string[]): Promise<number[]> => {
    const answers = await Promise.all(
      group.map(async (name, i) => {
        await sleep((i * 1000) / FUNCTIONS);
        return { name, ...(await call(name, namespace)) };
      }),
    );
    const wrong = answers.filter(({ status, body, name }) => status !== 200 || body !== name);
    bars.push({ text: `${answers.length - wrong.length} of ${answers.length} answered, each by itself`, met: wrong.length === 0 });
    for (const name of group) await toZero(kube, namespace, name, revisions.get(name) ?? '');
    return answers.map(({ firstByteMillis }) => firstByteMillis);
  };
  const millis = { cold: [] as number[], warm: [] as number[] };
  const order = ['cold', 'warm'] as const;
  for (let round = 0; round < WAVES; round += 1) {
    // Which comes second has the first one's pods to end beside it.
    for (const group of round % 2 === 0 ? order : order.toReversed()) {
      await untilFree(kube, namespace, 'pool', SIZE);
      const taken = await wave(groups[group]);
      millis[group].push(...taken);
      console.log(`  ${group}: ${spread(taken)}`);
    }
  }
  const { cold, warm } = millis;
  bars.push({
    text: `${FUNCTIONS} functions within 1 s, a pool of ${SIZE}: ${spread(warm)}; without a pool ${spread(cold)}; ratio ${(median(warm) / median(cold)).toFixed(2)}; one ordinary wake alone ${spread(alone)}`,
    met: median(warm) <= median(cold),
  });
  return bars;
}
