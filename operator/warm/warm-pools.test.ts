import { expect, it } from 'vitest';
import type { DemandMessage, PoolUse } from '../../common/api/demand.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool, WarmPoolStatus } from '../../common/api/warm-pool.ts';
import { SETTINGS } from '../code/testing.ts';
import { WarmPools } from './warm-pools.ts';

const now = Date.parse('2026-11-25T12:00:00Z');
const runtime: LullRuntime = {
  apiVersion: 'lull.dev/v1alpha1',
  kind: 'Runtime',
  metadata: { name: 'py' },
  spec: { image: 'lull/py:1', command: ['x'] },
};
const pool: LullWarmPool = {
  apiVersion: 'lull.dev/v1alpha1',
  kind: 'WarmPool',
  metadata: { name: 'warm', namespace: 'shop', uid: 'u' },
  spec: { runtime: 'py', auto: { min: 0, max: 10 } },
};

it('a pool with auto follows the wakes that the activators tell of', async () => {
  let status: WarmPoolStatus | undefined;
  let created = 0;
  const done = async (): Promise<void> => undefined;
  const pools = new WarmPools({
    read: {
      function: () => undefined,
      functions: () => [],
      runtime: () => runtime,
      runtimes: () => [runtime],
      deployments: () => [],
      warmPool: () => pool,
      warmPools: () => [pool],
      poolPods: () => [],
    },
    write: {
      apply: done,
      removePod: done,
      adoptPod: done,
      removePool: done,
      writeWarmStatus: done,
      createPod: async () => {
        created += 1;
        return true;
      },
      writePoolStatus: async (_pool, next) => {
        status = next;
      },
    },
    settings: SETTINGS,
    poolAgain: () => undefined,
    now: () => now,
  });
  const told = (wakes: number): void => {
    const use: PoolUse = { wakes, claimedMillis: 0, claimedCount: 0, ordinaryMillis: 0, ordinaryCount: 0 };
    pools.told('activator', { type: 'demand', at: 0, functions: {}, pools: { 'shop/warm': use } } as DemandMessage);
  };
  await pools.reconcilePool('shop/warm');
  expect(status).toMatchObject({ size: 0 });
  told(0);
  told(3);
  await pools.reconcilePool('shop/warm');
  expect(status).toMatchObject({ size: 3, sizeReason: expect.stringContaining('3 wakes within 5 s') });
  expect(status?.conditions?.[0]?.lastTransitionTime).toBe('2026-11-25T12:00:00Z');
  // Two at once, and no faster.
  expect(created).toBe(2);
});
