import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lullFunction, untilReady, withNamespace } from '../support/functions.ts';
import { apply, getJson, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-scaling-active';
const image = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';

const web = (name: string, scale: object, spec: object = {}): object =>
  lullFunction(name, ns, { protocol: 'http', code: { image }, concurrency: 10, scale, ...spec });

interface Seen {
  metadata: { generation: number };
  status?: {
    scale?: { desired: number; reason: string };
    conditions?: { type: string; status: string; reason: string; message: string; observedGeneration?: number }[];
  };
}

/** The condition ScalingActive of the newest spec, once it has the reason, and the scale is told so. */
function scalingActive(name: string, reason: string, scale = /^/): Promise<{ status: string; message: string; scale: string | undefined }> {
  return until(
    `${name}: ScalingActive ${reason}`,
    async () => {
      const { metadata, status } = await getJson<Seen>(['fn', name, '-n', ns]);
      const condition = status?.conditions?.find(({ type }) => type === 'ScalingActive');
      if (condition?.reason !== reason || condition.observedGeneration !== metadata.generation) return undefined;
      if (!scale.test(status?.scale?.reason ?? '')) return undefined;
      return { status: condition.status, message: condition.message, scale: status?.scale?.reason };
    },
    20_000,
    200,
  );
}

describe('what speaks against scaling is said, and the rest goes on', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(
      web('plain', {}),
      web('query', { metrics: [{ type: 'prometheus', target: 1, query: 'sum(no_such_metric' }] }),
      web('nothing', { metrics: [{ type: 'prometheus', target: 1, query: 'no_such_metric{function="{{name}}"}' }] }),
      web('clock', { schedule: [{ cron: '* * * * *', min: 2 }] }),
      web('mars', { schedule: [{ cron: '0 8 * * *', timeZone: 'Mars/Base', min: 2 }] }),
      web('theirs', { idleSeconds: 2 }, { replicas: 1 }),
      web('foreseen', { idle: 'auto', idleSeconds: 5 }),
    );
    await Promise.all(['plain', 'query', 'nothing', 'clock', 'mars', 'theirs', 'foreseen'].map((name) => untilReady(name, ns, 60_000)));
  });
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it('nothing does', async () => {
    expect(await scalingActive('plain', 'Following')).toMatchObject({ status: 'True' });
  });

  it('a query that is none, in Prometheus’ own words; and one that finds nothing', async () => {
    expect(await scalingActive('query', 'QueryFailed')).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/metrics\[0\].*parse error/),
    });
    expect((await scalingActive('nothing', 'QueryFailed')).message).toMatch(/no sample/);
  });

  it('a floor by the clock', async () => {
    // The decision after the one with which it began.
    await scalingActive('clock', 'Following', /at least 2 pods by spec\.scale\.schedule "\* \* \* \* \*" UTC|→ 2 pods/);
    await until(
      'two pods',
      async () => (await getJson<{ status?: { replicas?: number } }>(['fn', 'clock', '-n', ns])).status?.replicas === 2,
    );
    expect((await scalingActive('mars', 'InvalidSchedule')).message).toMatch(/Mars\/Base/);
  });

  it('a HorizontalPodAutoscaler of somebody’s own: left alone, by name', { timeout: 90_000 }, async () => {
    expect((await scalingActive('theirs', 'Fixed')).message).toMatch(/spec\.replicas/);
    await apply({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'mine', namespace: ns },
      spec: {
        scaleTargetRef: { apiVersion: 'lull.dev/v1alpha1', kind: 'Function', name: 'theirs' },
        minReplicas: 2,
        maxReplicas: 3,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
      },
    });
    // The real controller raises it to its own least within its period of 15 s, by the scale subresource.
    const { status } = await until(
      'two pods, by the HorizontalPodAutoscaler',
      async () => {
        const fn = await getJson<Seen & { spec: { replicas?: number } }>(['fn', 'theirs', '-n', ns]);
        return fn.spec.replicas === 2 && fn.status?.scale?.desired === 2 ? fn : undefined;
      },
      60_000,
      500,
    );
    expect(status?.scale?.reason).toMatch(/left alone: fixed at 2 pods by spec\.replicas, which HorizontalPodAutoscaler "mine" writes/);
  });

  it('an idle time that is predicted says what it goes by', { timeout: 60_000 }, async () => {
    await must(['patch', 'fn', 'foreseen', '-n', ns, '--type=merge', '-p', '{"spec":{"scale":{"min":0}}}']);
    expect((await scalingActive('foreseen', 'Following')).scale).toMatch(/at zero/);
  });
});
