import { describe, expect, it } from 'vitest';
import type { WarmPoolStatus } from '../../common/api/warm-pool.ts';
import { KubeError } from '../../common/kube/kube-error.ts';
import { FakeWarmCluster } from './testing.ts';

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const condition = ({ conditions }: WarmPoolStatus) => conditions?.[0];
const refusal = (code: number, message: string) => () => KubeError.fromStatus(code, { kind: 'Status', message }, 'POST pods');

it('a pool with auto follows the wakes that the activators tell of', async () => {
  const cluster = new FakeWarmCluster().pool({ auto: { min: 0, max: 10 } });
  expect(await cluster.pass()).toMatchObject({ size: 0 });
  cluster.woken(0);
  cluster.woken(3);
  const status = await cluster.pass();
  expect(status).toMatchObject({ size: 3, sizeReason: expect.stringContaining('3 wakes within 5 s') });
  expect(condition(status)?.lastTransitionTime).toBe('2026-11-25T12:00:00Z');
  // Two at once, and no faster.
  expect(cluster.created).toBe(2);
});

it('a burst of wakes goes before the refill, but not for ever', async () => {
  const cluster = new FakeWarmCluster().pool({ size: 3 });
  cluster.starting = 5;
  await cluster.pass(5);
  expect(cluster.created).toBe(0);
  cluster.starting = 3;
  await cluster.pass();
  expect(cluster.created).toBeGreaterThan(0);
  const crowded = new FakeWarmCluster().pool({ size: 3 });
  crowded.starting = 5;
  await crowded.pass(20);
  expect(crowded.created).toBe(3);
});

it('a pool with auto keeps its size when the operator is another', async () => {
  const cluster = new FakeWarmCluster().pool({ auto: { min: 0, max: 10 } }, { size: 4 });
  expect(await cluster.pass()).toMatchObject({ size: 4 });
  cluster.now += 1_800_000;
  expect(await cluster.pass()).toMatchObject({ size: 2 });
});

it('its NetworkPolicy is applied once, and again when somebody has touched it', async () => {
  const cluster = new FakeWarmCluster().pool({ size: 1 });
  await cluster.pass(3);
  expect(cluster.applied.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(['NetworkPolicy/warm-pool-warm']);
  cluster.pools.forgetApplied('shop/warm');
  await cluster.pass(3);
  expect(cluster.applied).toHaveLength(2);
});

describe('pods that cannot start', () => {
  it('are told with the kubelet’s or the scheduler’s sentence, and no others are made', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 3 });
    expect(condition(await cluster.pass(2))).toMatchObject({ status: 'True', reason: 'Filling' });
    const message = 'Back-off pulling image "lull/py:1"';
    cluster.seen({
      phase: 'Pending',
      containerStatuses: [{ name: 'function', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message } } }],
    });
    const pulled = condition(await cluster.pass(120));
    expect(pulled).toMatchObject({ status: 'False', reason: 'ImagePullBackOff', message: expect.stringContaining(message) });
    const full = '0/1 nodes are available: 1 Insufficient memory.';
    cluster.seen({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: full }] });
    expect(condition(await cluster.pass(120))).toMatchObject({ reason: 'Unschedulable', message: expect.stringContaining(full) });
    expect(cluster.created).toBe(3);
    cluster.seen(ready);
    expect(condition(await cluster.pass())).toMatchObject({ status: 'True', reason: 'Full' });
  });

  it('are told when they never become ready', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 1 });
    await cluster.pass(2);
    const message = 'containers with unready status: [function]';
    cluster.seen({ phase: 'Running', conditions: [{ type: 'ContainersReady', status: 'False', reason: 'ContainersNotReady', message }] });
    expect(condition(await cluster.pass(30))?.status).toBe('True');
    expect(condition(await cluster.pass(40))).toMatchObject({
      status: 'False',
      reason: 'PodNotReady',
      message: expect.stringContaining(message),
    });
    expect(cluster.created).toBe(1);
  });

  it('are told in the API server’s words when it refuses them, and are tried at most once a minute', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 3 });
    const quota = 'pods "warm-1" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2';
    cluster.refuse = refusal(403, quota);
    expect(condition(await cluster.pass())).toMatchObject({
      status: 'False',
      reason: 'PodRefused',
      message: `the API server refuses its pods: ${quota}`,
    });
    // 1, 2, 4, … 32 s: the first minute; and then once in each.
    await cluster.pass(60);
    expect(cluster.created).toBe(6);
    await cluster.pass(600);
    expect(cluster.created).toBe(16);
    cluster.refuse = undefined;
    expect(condition(await cluster.pass(62))).toMatchObject({ status: 'True', reason: 'Filling' });
    expect(cluster.pods).toHaveLength(3);
  });

  it('are not made without their NetworkPolicy, and what the API server says of that is told', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 1 });
    cluster.refusePolicy = refusal(500, 'failed calling webhook "policies.example"');
    await expect(cluster.pass()).rejects.toThrow('failed calling webhook');
    expect(condition(cluster.list[0]?.status ?? {})).toMatchObject({
      reason: 'PolicyRefused',
      message: expect.stringContaining('policies.example'),
    });
    expect(cluster.created).toBe(0);
    cluster.refusePolicy = undefined;
    expect(condition(await cluster.pass())).toMatchObject({ status: 'True', reason: 'Filling' });
  });

  it('of a Runtime that is not there are told, with the size that the pool should have', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 2, runtime: 'cobol85' });
    const status = await cluster.pass();
    expect(status).toMatchObject({ size: 2, free: 0 });
    expect(condition(status)).toMatchObject({ status: 'False', reason: 'RuntimeNotFound', message: expect.stringContaining('cobol85') });
  });

  it('what passes by itself is tried again, and told nobody', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 1 });
    cluster.refuse = refusal(503, 'etcd is away');
    await expect(cluster.pass()).rejects.toThrow('etcd is away');
    cluster.refuse = undefined;
    expect(condition(await cluster.pass(10))).toMatchObject({ status: 'True' });
  });

  it('what they wrote last is told when they end, and each is made later than the one before', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 1 });
    const message = 'ModuleNotFoundError: no module named boto3\n';
    let told: WarmPoolStatus = {};
    for (let i = 0; i < 300; i += 1) {
      cluster.seen({
        phase: 'Failed',
        containerStatuses: [
          { name: 'function', ready: false, restartCount: 0, state: { terminated: { reason: 'Error', exitCode: 1, message } } },
        ],
      });
      told = await cluster.pass(1);
    }
    expect(cluster.created).toBeLessThan(12);
    expect(condition(told)).toMatchObject({
      reason: 'PodsFail',
      message: expect.stringMatching(
        /pod warm-\w+, container function: Error \(exit code 1\): ModuleNotFoundError: no module named boto3$/,
      ),
    });
    // Another image is tried at once.
    cluster.runtimes = cluster.runtimes.map((runtime) => ({ ...runtime, spec: { ...runtime.spec, image: 'lull/py:2' } }));
    const before = cluster.created;
    expect(condition(await cluster.pass(1))).toMatchObject({ status: 'True', reason: 'Filling' });
    expect(cluster.created).toBe(before + 1);
  });

  it('what the kubelet does not admit is told, too', async () => {
    const cluster = new FakeWarmCluster().pool({ size: 1 });
    await cluster.pass();
    cluster.seen({ phase: 'Failed', reason: 'OutOfcpu', message: 'Node didn’t have enough resource: cpu' });
    const seen = condition(await cluster.pass());
    expect(seen).toMatchObject({ reason: 'PodsFail', message: expect.stringContaining('OutOfcpu: Node didn’t have enough resource') });
  });
});

it('metrics begin at 0 with the process, whatever the status says, and go with the pool', async () => {
  const cluster = new FakeWarmCluster().pool({ size: 2 }, { claims: 40, idlePodSeconds: 5000, savedMilliseconds: 9000 });
  await cluster.pass();
  cluster.seen(ready);
  expect(await cluster.pass(10)).toMatchObject({ claims: 40, idlePodSeconds: 5020 });
  const series = async (): Promise<string[]> => (await cluster.registry.metrics()).split('\n').filter((line) => line.startsWith('lull_'));
  const labels = '{namespace="shop",warmpool="warm"}';
  expect(await series()).toEqual([
    `lull_warmpool_size${labels} 2`,
    `lull_warmpool_free${labels} 2`,
    `lull_warmpool_claims_total${labels} 0`,
    `lull_warmpool_idle_pod_seconds_total${labels} 20`,
    `lull_warmpool_saved_seconds_total${labels} 0`,
    `lull_warmpool_pod_failures_total${labels} 0`,
  ]);
  cluster.list = [];
  await cluster.pass();
  expect(await series()).toEqual([]);
});
