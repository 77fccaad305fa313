import { Registry } from 'prom-client';
import type { DemandMessage, PoolUse } from '../../common/api/demand.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { WarmStatus } from '../../common/api/function-status.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool, WarmPoolSpec, WarmPoolStatus } from '../../common/api/warm-pool.ts';
import { SETTINGS } from '../code/testing.ts';
import type { Deployment, KubeObject, Pod } from '../function/objects.ts';
import { WarmPoolMetrics } from './metrics.ts';
import { WarmPools } from './warm-pools.ts';

const KEY = 'shop/warm';
export const NOON = Date.parse('2026-11-25T12:00:00Z');

/** WarmPools beside a cluster that is a few arrays: of the Runtime `py`, in the namespace `shop`. */
export class FakeWarmCluster {
  now = NOON;
  runtimes: LullRuntime[] = [
    { apiVersion: 'lull.dev/v1alpha1', kind: 'Runtime', metadata: { name: 'py', uid: 'r' }, spec: { image: 'lull/py:1', command: ['x'] } },
  ];
  functions: LullFunction[] = [];
  deployments: Deployment[] = [];
  list: LullWarmPool[] = [];
  pods: Pod[] = [];
  /** What the API server answers to a pod. */
  refuse: (() => Error) | undefined;
  refusePolicy: (() => Error) | undefined;
  /** Pods that were tried. */
  created = 0;
  starting = 0;
  applied: KubeObject[] = [];
  removedPools: string[] = [];
  warmStatus: WarmStatus | undefined;
  readonly #activators = new Map<string, PoolUse>();
  readonly registry = new Registry();
  readonly pools: WarmPools;

  constructor() {
    const done = async (): Promise<void> => undefined;
    const keyed = <T extends KubeObject>(all: T[], key: string): T | undefined =>
      all.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key);
    this.pools = new WarmPools({
      read: {
        function: (key) => keyed(this.functions, key),
        functions: () => this.functions,
        runtime: (name) => this.runtimes.find(({ metadata }) => metadata.name === name),
        runtimes: () => this.runtimes,
        deployments: (key) => this.deployments.filter(({ metadata }) => `${metadata.namespace}/${metadata.labels?.['function']}` === key),
        warmPool: (key) => keyed(this.list, key),
        warmPools: () => this.list,
        podsStarting: () => this.starting,
        poolPods: (key) => (key === KEY ? this.pods : []),
      },
      write: {
        apply: async (object) => {
          if (this.refusePolicy && object.kind === 'NetworkPolicy') throw this.refusePolicy();
          this.applied.push(object);
          if (object.kind !== 'WarmPool') return;
          const pool = object as unknown as LullWarmPool;
          this.list = [...this.list.filter(({ metadata }) => metadata.name !== pool.metadata.name), pool];
        },
        removePod: async (_namespace, name) => {
          this.pods = this.pods.filter(({ metadata }) => metadata.name !== name);
        },
        adoptPod: done,
        removePool: async (namespace, name) => {
          this.removedPools.push(`${namespace}/${name}`);
          this.list = this.list.filter(({ metadata }) => metadata.name !== name || metadata.namespace !== namespace);
        },
        writeWarmStatus: async (_fn, status) => {
          this.warmStatus = status;
        },
        createPod: async (pod) => {
          this.created += 1;
          if (this.refuse) throw this.refuse();
          const creationTimestamp = new Date(this.now).toISOString();
          this.pods = [...this.pods, { ...pod, metadata: { ...pod.metadata, creationTimestamp }, status: { phase: 'Pending' } } as Pod];
          return true;
        },
        writePoolStatus: async (pool, status) => {
          this.list = this.list.map((one) => (one.metadata.name === pool.metadata.name ? { ...one, status } : one));
        },
      },
      settings: SETTINGS,
      poolAgain: () => undefined,
      metrics: new WarmPoolMetrics(this.registry),
      now: () => this.now,
    });
  }

  /** Makes the pool `shop/warm`. */
  pool(spec: Partial<WarmPoolSpec>, status?: WarmPoolStatus): this {
    const metadata = { name: 'warm', namespace: 'shop', uid: 'u' };
    this.list = [
      { apiVersion: 'lull.dev/v1alpha1', kind: 'WarmPool', metadata, spec: { runtime: 'py', ...spec }, ...(status && { status }) },
    ];
    return this;
  }

  /** All pods are seen so by the kubelet. */
  seen(status: Pod['status']): void {
    this.pods = this.pods.map((pod) => ({ ...pod, status: status ?? {} }));
  }

  /** Looks once a second for so long, and once at once. */
  async pass(seconds = 0): Promise<WarmPoolStatus> {
    await this.pools.reconcilePool(KEY);
    for (let i = 0; i < seconds; i += 1) {
      this.now += 1000;
      await this.pools.reconcilePool(KEY);
    }
    return this.list[0]?.status ?? {};
  }

  /** An activator has counted so many wakes more. */
  woken(wakes: number): void {
    const before = this.#activators.get('activator')?.wakes ?? 0;
    const use: PoolUse = { wakes: before + wakes, claimedMillis: 0, claimedCount: 0, ordinaryMillis: 0, ordinaryCount: 0 };
    this.#activators.set('activator', use);
    this.pools.told('activator', { type: 'demand', at: 0, functions: {}, pools: { [KEY]: use } } as DemandMessage);
  }
}
