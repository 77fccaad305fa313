import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { apply, create, scale } from '../../operator/kube/apply.ts';
import { LeaderElector } from '../../operator/kube/leader.ts';
import { until } from '../support/wait.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';

const binary = apiServerBinary();
if (!binary)
  console.log('not run here: leader election and apply on a real API server, whose binary is not in the cache (make up builds it)');

describe.skipIf(!binary)('on a real API server', () => {
  const server = new ApiServer(binary ?? '');
  let transport: KubeTransport;
  beforeAll(async () => {
    await server.start();
    transport = server.transport();
  }, 90_000);
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  function candidate(name: string, lost: string[], leaseMillis = 3000) {
    const elector = new LeaderElector({
      transport,
      namespace: 'default',
      name: `lease-${leaseMillis}`,
      identity: name,
      onLeading: () => undefined,
      onLost: (reason) => lost.push(`${name}: ${reason}`),
      onError: () => undefined,
      leaseMillis,
      renewDeadlineMillis: 2000,
      retryMillis: 200,
    });
    elector.start();
    return elector;
  }

  it('one of two candidates leads; the other follows at once when it releases', { timeout: 30_000 }, async () => {
    const lost: string[] = [];
    const a = candidate('a', lost);
    await until('a leads', async () => a.isLeading);
    const b = candidate('b', lost);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect([a.isLeading, b.isLeading]).toEqual([true, false]);
    await a.release();
    await until('b leads', async () => b.isLeading, 3000);
    expect(lost).toEqual([]);
    await b.release();
  });

  it('a leader that cannot renew steps down in time; a short absence of the API server costs nothing', { timeout: 60_000 }, async () => {
    const lost: string[] = [];
    const a = candidate('a', lost, 4000);
    await until('a leads', async () => a.isLeading);
    await server.halt();
    await until('a steps down', async () => lost.length > 0, 10_000);
    expect(lost[0]).toMatch(/could not be renewed/);
    expect(a.isLeading).toBe(false);
    await server.resume();
    const b = candidate('b', lost, 4000);
    await until('b leads after the lease has run out', async () => b.isLeading, 15_000);
    await b.release();
    await a.release();
  });

  it('replicas belong to whoever writes scale: applying a Deployment leaves them, and a conditional scale never surprises', async () => {
    const labels = { app: 'd' };
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    };
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'default' }, spec };
    const replicas = async () =>
      ((await transport.request('GET', '/apis/apps/v1/namespaces/default/deployments/d')).body as { spec: { replicas: number } }).spec
        .replicas;
    expect(await create(transport, { ...deployment, spec: { ...spec, replicas: 0 } } as typeof deployment, 'lull-scale')).toBe(true);
    expect(await create(transport, deployment, 'lull-scale')).toBe(false);
    await apply(transport, deployment, 'lull-operator');
    await apply(transport, deployment, 'lull-operator');
    expect(await replicas()).toBe(0);
    expect(await scale(transport, 'default', 'd', 0, 5)).toBe(true);
    expect(await scale(transport, 'default', 'd', 0, 1)).toBe(false);
    expect(await replicas()).toBe(5);
    await apply(transport, deployment, 'lull-operator');
    expect(await replicas()).toBe(5);
    expect(await scale(transport, 'default', 'd', 5, 0)).toBe(true);
    expect(await replicas()).toBe(0);
  });
});
