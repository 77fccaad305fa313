import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector } from '../support/collector.ts';
import { pythonFunction, untilReady, withNamespace } from '../support/functions.ts';
import { call, serverTiming } from '../support/http.ts';
import { killPod, victim } from '../support/kill-pod.ts';
import { kubeFromEnvironment } from '../support/kube.ts';
import { apply, kubectl } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';
import { isReady, type PoolPod, poolPods, toZero, untilEligible, untilFree, warmPool } from '../support/warm-pools.ts';

const ns = 'e2e-warm-faults';
/** 200 for the bar of issue 7 (LULL_WARM_FAULTS=200); a few in every run. */
const ROUNDS = Number(process.env['LULL_WARM_FAULTS'] ?? 8);
/** As many functions are called at once, and each of the pool's pods may be in a claim when the kill comes. */
const FUNCTIONS = ['victim-0', 'victim-1', 'victim-2'];
const SIZE = FUNCTIONS.length;
/** Within which the kill comes. */
const MILLIS = 30;
const VICTIMS = ['claimed', 'activator', 'claimed', 'operator'] as const;
const kube = kubeFromEnvironment();
const collector = new Collector();

const source = (address: string): string => `
import socket
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def lambda_handler(event, context):
    out.sendto(event['headers']['x-id'].encode(), ('${address.split(':')[0]}', ${address.split(':')[1]}))
    return {'statusCode': 200, 'body': context.log_stream_name}
`;

async function pods(namespace: string, selector: string): Promise<PoolPod[]> {
  const { body } = await kube.request('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`);
  return (body as { items: PoolPod[] }).items;
}

function untilLullIsThere(): Promise<true> {
  return until(
    'the activators and the operator',
    async () => {
      const all = await Promise.all(
        ['activator', 'operator'].map((component) => pods('lull-system', `app.kubernetes.io/component=${component}`)),
      );
      if (!all.every((list) => list.length > 0 && list.every(isReady))) return false;
      // The nodes know it a moment later; until then every other connection goes to the one that is gone.
      return Promise.all(Array.from({ length: 10 }, () => call('nobody', ns, { timeoutMillis: 1000 }))).then(
        () => true,
        () => false,
      );
    },
    90_000,
  );
}

describe('killed in the middle of a claim', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    const address = await collector.listen();
    await apply(
      warmPool('pool', ns, { runtime: 'python3.11', size: SIZE }),
      ...FUNCTIONS.map((name) => pythonFunction(name, ns, source(address), { scale: { idleSeconds: 600 } })),
    );
    for (const name of FUNCTIONS) await untilEligible(name, ns);
    await untilFree(kube, ns, 'pool', SIZE);
  }, 180_000);
  afterAll(async () => {
    collector.close();
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
    await kube.close();
  });

  /** The first request to a function at zero, in which it may be killed; what is wrong with what became of it is noted. */
  async function killedCall(name: string, id: string, who: (typeof VICTIMS)[number], wrong: string[]): Promise<string> {
    const got = await call(name, ns, { headers: { 'x-id': id } }).catch((error: Error) => error);
    const what =
      got instanceof Error ? `no answer (${got.message})` : `${got.status}${serverTiming(got).has('claim') ? ' from a claimed pod' : ''}`;
    const runs = collector.executions.get(id) ?? 0;
    if (runs > 1) wrong.push(`${id} ran ${runs} times`);
    // The activator's own clients lose their connection with it; a pod that dies with the request in it is a 502, for it may have run. Everything else is answered.
    const excused = (who === 'activator' && got instanceof Error) || (who === 'claimed' && !(got instanceof Error) && got.status === 502);
    if (!excused && (got instanceof Error || got.status !== 200)) wrong.push(`${id}, ${who} killed: ${what}`);
    return `${who}: ${what}`;
  }

  it(`${ROUNDS} times, with ${SIZE} claims each: nothing runs twice, nothing is lost that could be answered, no orphan is left`, {
    timeout: 120_000 + ROUNDS * 40_000,
  }, async () => {
    const revisions = new Map<string, string>();
    for (const name of FUNCTIONS) revisions.set(name, (await untilReady(name, ns)).status?.activeRevision ?? '');
    const outcomes = new Map<string, number>();
    const wrong: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const who = VICTIMS[round % VICTIMS.length] as (typeof VICTIMS)[number];
      await untilFree(kube, ns, 'pool', SIZE);
      await untilLullIsThere();
      const targets =
        who === 'claimed'
          ? (await poolPods(kube, ns, 'pool', 'free')).map((pod) => victim(ns, pod))
          : (await pods('lull-system', `app.kubernetes.io/component=${who}`)).map((pod) => victim('lull-system', pod));
      const answers = FUNCTIONS.map((name) => killedCall(name, `${name}-${round}`, who, wrong));
      // From the request to its answer it takes some 16 ms, and more with three at once: before, within and after it.
      await sleep(Math.random() * MILLIS);
      // Which of the free ones are claimed nobody outside knows: all of them; of the activators one, which may be the one that claims.
      const hit = who === 'claimed' ? targets : targets.slice(0, 1);
      await Promise.all(hit.map((one) => killPod(kube, one)));
      for (const what of await Promise.all(answers)) outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
      await untilLullIsThere();
      await Promise.all(
        FUNCTIONS.map(async (name) => {
          // However that ended, the function is woken now, and goes to zero.
          const after = await call(name, ns, { headers: { 'x-id': `${name}-${round}-after` } });
          if (after.status !== 200) wrong.push(`${name}-${round}, ${who} killed, then: ${after.status} ${after.body}`);
          await toZero(kube, ns, name, revisions.get(name) ?? '');
        }),
      );
      if (round % 10 === 9) console.log(`${round + 1} of ${ROUNDS}: ${JSON.stringify(Object.fromEntries(outcomes))} ${wrong.join('; ')}`);
    }
    console.log([...outcomes].map(([what, count]) => `${what}: ${count}`).join('\n'));
    expect(wrong).toEqual([]);
    await until(
      'no pod but the pool’s',
      async () => {
        const all = (await kube.request('GET', `/api/v1/namespaces/${ns}/pods`)).body as { items: PoolPod[] };
        return all.items.length === SIZE && all.items.every((pod) => isReady(pod) && pod.metadata.labels['lull.dev/warm-state'] === 'free');
      },
      60_000,
    );
  });
});
