import { beforeEach, describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import { FakeWarmCluster } from './testing.ts';

const big = { resources: { limits: { memory: '1Gi' } } };

function fn(namespace: string, spec: Partial<FunctionSpec> = {}): LullFunction {
  return {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'f', namespace, uid: 'u' },
    spec: { runtime: 'py', handler: 'a.b', code: { inline: { 'a.py': '' } }, ...spec },
  } as LullFunction;
}

describe('Runtime.spec.warm', () => {
  let cluster: FakeWarmCluster;
  const warm = (size: number, image = 'lull/py:1'): void => {
    cluster.runtimes = [
      {
        apiVersion: 'lull.dev/v1alpha1',
        kind: 'Runtime',
        metadata: { name: 'py', uid: image },
        spec: { image, command: ['x'], warm: size },
      },
    ];
  };
  const pools = (): string[] => cluster.list.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  const sync = async (seconds = 0): Promise<string[]> => {
    for (let i = 0; i <= seconds; i += 1) {
      if (i > 0) cluster.now += 1000;
      await cluster.pools.syncRuntimes();
    }
    return pools();
  };
  beforeEach(() => {
    cluster = new FakeWarmCluster();
    warm(2);
  });

  it('makes a pool where a function can use it, and nowhere else', async () => {
    cluster.functions = [
      fn('shop'),
      fn('big', big),
      fn('never', { scale: { warmPool: 'never' } }),
      fn('awake', { scale: { min: 1 } }),
      fn('other', { runtime: 'node' }),
    ];
    expect(await sync()).toEqual(['shop/py']);
    expect(cluster.list[0]).toMatchObject({
      spec: { runtime: 'py', size: 2 },
      metadata: { labels: { 'lull.dev/warm-pool-of-runtime': 'py' } },
    });
    await sync(5);
    expect(cluster.applied).toHaveLength(1);
  });

  it('where none can, they say why not all the same', async () => {
    cluster.functions = [fn('big', big)];
    cluster.functions[0] = { ...fn('big', big), status: { activeRevision: 'f-1' } };
    const template = { spec: { containers: [{ resources: big.resources }] } };
    cluster.deployments = [{ metadata: { name: 'f-1', namespace: 'big', labels: { function: 'f' } }, spec: { template } } as never];
    await sync();
    await cluster.pools.reconcileFunction('big/f');
    expect(pools()).toEqual([]);
    expect(cluster.warmStatus).toEqual({ eligible: false, reason: expect.stringContaining('limits.memory is 1Gi') });
  });

  it('a new image, for which no Deployment has rolled over yet, changes nothing', async () => {
    cluster.functions = [fn('shop')];
    await sync();
    warm(2, 'lull/py:2');
    expect(await sync(120)).toEqual(['shop/py']);
    expect([cluster.removedPools, cluster.applied.length]).toEqual([[], 1]);
  });

  it('neither does a Runtime that is made anew, a function that is replaced, or one that is scaled from outside', async () => {
    cluster.functions = [fn('shop')];
    await sync();
    const { runtimes, functions } = cluster;
    cluster.runtimes = [];
    expect(await sync(30)).toEqual(['shop/py']);
    cluster.runtimes = runtimes.map((runtime) => ({ ...runtime, metadata: { ...runtime.metadata, uid: 'another' } }));
    expect(await sync(60)).toEqual(['shop/py']);
    cluster.functions = [];
    await sync(30);
    cluster.functions = functions;
    expect(await sync(60)).toEqual(['shop/py']);
    cluster.functions = [fn('shop', { replicas: 3 })];
    expect(await sync(120)).toEqual(['shop/py']);
    expect([cluster.removedPools, cluster.applied.length]).toEqual([[], 1]);
  });

  it.each<[string, () => void, number]>([
    ['at once when spec.warm is 0', () => warm(0), 0],
    ['a minute after the last function that could use it', () => (cluster.functions = [fn('shop', big)]), 60],
    ['a minute after its Runtime', () => (cluster.runtimes = []), 60],
  ])('it goes %s', async (_, change, seconds) => {
    cluster.functions = [fn('shop')];
    await sync();
    change();
    if (seconds > 0) expect(await sync(seconds - 1)).toEqual(['shop/py']);
    expect(await sync(1)).toEqual([]);
  });

  it('another size is written; somebody’s own pool takes its place, and one that only has its name is left alone', async () => {
    cluster.functions = [fn('shop')];
    await sync();
    warm(4);
    await sync();
    expect(cluster.list[0]?.spec.size).toBe(4);
    const own: LullWarmPool = {
      apiVersion: 'lull.dev/v1alpha1',
      kind: 'WarmPool',
      metadata: { name: 'mine', namespace: 'shop', uid: 'm' },
      spec: { runtime: 'py', size: 1 },
    };
    cluster.list = [...cluster.list, own];
    expect(await sync()).toEqual(['shop/mine']);
    cluster.list = [{ ...own, metadata: { ...own.metadata, name: 'py' }, spec: { runtime: 'node' } }];
    expect(await sync(120)).toEqual(['shop/py']);
    expect(cluster.list[0]?.spec.runtime).toBe('node');
  });

  it('one of a version before, which its Runtime owns, is written anew without the owner', async () => {
    cluster.functions = [fn('shop')];
    const ownerReferences = [{ apiVersion: 'lull.dev/v1alpha1', kind: 'Runtime', name: 'py', uid: 'old' }];
    const metadata = { name: 'py', namespace: 'shop', uid: 'p', ownerReferences };
    cluster.list = [{ apiVersion: 'lull.dev/v1alpha1', kind: 'WarmPool', metadata, spec: { runtime: 'py', size: 2 } }];
    await sync(3);
    expect(cluster.applied).toHaveLength(1);
    expect(cluster.applied[0]?.metadata.ownerReferences).toBeUndefined();
  });
});
