import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonFunction, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { kubeFromEnvironment } from '../support/kube.ts';
import { apply, getJson, kubectl, must } from '../support/kubectl.ts';
import { residentMebibytes } from '../support/resident-memory.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-cycles';
const CYCLES = 50;
const kube = kubeFromEnvironment();

/** Resident memory of a component's first pod, in MiB. */
const residentOf = async (component: string): Promise<number> => (await residentMebibytes(component))[0] ?? Number.NaN;

describe('zero → one → zero', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(
      pythonFunction('cycle', ns, "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n", {
        scale: { idleSeconds: 600 },
      }),
    );
  });
  afterAll(async () => {
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
    await kube.close();
  });

  it(`${CYCLES} times: no failure, no leftover, no growth of memory`, { timeout: 600_000 }, async () => {
    const revision = (await untilReady('cycle', ns)).status?.activeRevision;
    const memory = new Map<string, number[]>([
      ['operator', []],
      ['activator', []],
    ]);
    for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
      const answer = await call('cycle', ns);
      expect(`${answer.status} ${answer.body}`, `cycle ${cycle}`).toBe('200 ok');
      await kube.request('PATCH', `/apis/apps/v1/namespaces/${ns}/deployments/${revision}/scale`, {
        contentType: 'application/merge-patch+json',
        body: { spec: { replicas: 0 } },
      });
      await until(
        'no pod',
        async () => ((await kube.request('GET', `/api/v1/namespaces/${ns}/pods`)).body as { items: unknown[] }).items.length === 0,
        60_000,
        100,
      );
      if (cycle % 10 === 0) for (const [component, samples] of memory) samples.push(await residentOf(component));
    }
    for (const [component, samples] of memory) {
      console.log(`${component}: RSS after each 10 cycles, MiB: ${samples.map((value) => value.toFixed(0)).join(' ')}`);
      // Noise of a garbage-collected process: the last is at most 20 MiB over the first.
      expect((samples.at(-1) ?? 0) - (samples[0] ?? 0)).toBeLessThan(20);
    }
    const left = await must(['get', 'deployments,replicasets,pods', '-n', ns, '-o', 'name']);
    expect(left.trim().split('\n').sort()).toEqual([
      expect.stringContaining(`deployment.apps/${revision}`),
      expect.stringContaining('replicaset.apps/'),
    ]);
  });

  it('memory at rest is within its bounds', async () => {
    const operator = await residentOf('operator');
    // At rest is when nothing was asked for a few seconds: then it gives back what it took for its work (activator/idle-collection.ts).
    const activator = await until(
      'an activator of 100 MiB at most',
      async () => {
        const mebibytes = await residentOf('activator');
        return mebibytes <= 100 ? mebibytes : undefined;
      },
      30_000,
      1000,
    );
    console.log(`at rest: operator ${operator.toFixed(0)} MiB (bar 220), activator ${activator.toFixed(0)} MiB (bar 100)`);
    expect(operator).toBeLessThanOrEqual(220);
    expect(activator).toBeLessThanOrEqual(100);
  });

  it('the bridge keeps within 20 MiB of private memory', async () => {
    await call('cycle', ns);
    const { items } = await getJson<{ items: { metadata: { name: string } }[] }>(['pods', '-n', ns, '-l', 'lull.dev/function=cycle']);
    const status = await must(['exec', '-n', ns, items[0]?.metadata.name ?? '', '--', 'cat', '/proc/1/status']);
    const mebibytes = Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
    console.log(`the bridge: RssAnon ${mebibytes.toFixed(1)} MiB (bar 20)`);
    expect(mebibytes).toBeLessThanOrEqual(20);
  });
});
