import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { LullWarmPool, WarmPoolSpec } from '../../common/api/warm-pool.ts';
import { isNotFound } from '../../common/kube/kube-error.ts';
import { keyOf } from '../../common/kube/store.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { Caches } from '../../operator/caches.ts';
import { SETTINGS } from '../../operator/code/testing.ts';
import { Controller, ControllerMetrics } from '../../operator/kube/controller.ts';
import { EventRecorder } from '../../operator/kube/events.ts';
import { WarmPoolMetrics } from '../../operator/warm/metrics.ts';
import { WarmPools } from '../../operator/warm/warm-pools.ts';
import { Writer } from '../../operator/writer.ts';
import { until } from '../support/wait.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';

const binary = apiServerBinary();
if (!binary) console.log('not run here: warm pools on a real API server, whose binary is not in the cache (make up builds it)');
const crd = (name: string): unknown =>
  parse(readFileSync(path.resolve(import.meta.dirname, '../../crds', `${name}.lull.dev.yaml`), 'utf8'));

const LULL = '/apis/lull.dev/v1alpha1';
const runtime = { image: 'lull/py:1', command: ['x'] };

describe.skipIf(binary === undefined)('warm pools, the operator’s part, on a real API server', () => {
  const server = new ApiServer(binary ?? '');
  let kube: KubeTransport;
  let caches: Caches;
  let controller: Controller;
  let warm: WarmPools;

  const post = (at: string, body: object): Promise<unknown> => kube.request('POST', at, { body });
  const get = async <T>(at: string): Promise<T | undefined> => {
    try {
      return (await kube.request('GET', at)).body as T;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const namespace = (name: string): Promise<unknown> =>
    post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const lull = (kind: string, name: string, spec: object, at: string): Promise<unknown> =>
    post(`${LULL}${at}`, { apiVersion: 'lull.dev/v1alpha1', kind, metadata: { name }, spec });
  const pool = (ns: string, spec: WarmPoolSpec): Promise<unknown> => lull('WarmPool', 'warm', spec, `/namespaces/${ns}/warmpools`);
  const podsOf = async (ns: string): Promise<unknown[]> =>
    (await get<{ items: unknown[] }>(`/api/v1/namespaces/${ns}/pods?labelSelector=lull.dev/warm-pool`))?.items ?? [];
  const ready = async (ns: string) => (await get<LullWarmPool>(`${LULL}/namespaces/${ns}/warmpools/warm`))?.status?.conditions?.[0];

  beforeAll(async () => {
    await server.start();
    kube = server.transport();
    for (const name of ['functions', 'runtimes', 'warmpools'])
      await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd(name) as object);
    for (const of of ['functions', 'runtimes', 'warmpools'])
      await until(of, async () => (await kube.request('GET', `${LULL}/${of}`)).status === 200);
    for (const name of ['shop', 'limited', 'implied']) await namespace(name);
    await lull('Runtime', 'py', runtime, '/runtimes');
    const events = new EventRecorder({ transport: kube, controller: 't', instance: 't', now: () => new Date(), onError: () => undefined });
    const again = (key: string): void => controller.queue.add(key);
    caches = new Caches({
      transport: kube,
      observer: { failed: (error) => console.error('watch failed', error) },
      namespace: 'lull-system',
      controlService: 'lull-activator-control',
      onFunction: () => undefined,
      onOwned: () => undefined,
      onScaled: () => undefined,
      onSlice: () => undefined,
      onActivators: () => undefined,
      onPool: again,
      onPoolOwned: (key) => {
        warm.forgetApplied(key);
        again(key);
      },
    });
    warm = new WarmPools({
      read: caches,
      write: new Writer(kube, events),
      settings: SETTINGS,
      poolAgain: (key, afterMillis) => controller.queue.addAfter(key, afterMillis),
      metrics: new WarmPoolMetrics(new Registry()),
      now: () => Date.now(),
    });
    controller = new Controller({
      name: 'warm-pool',
      reconcile: (key) => warm.reconcilePool(key),
      onError: () => undefined,
      metrics: new ControllerMetrics(new Registry()),
    });
    await caches.start();
    controller.start();
  }, 90_000);
  afterAll(async () => {
    controller?.stop();
    caches?.stop();
    await kube?.close();
    await server.stop();
  });

  it('a NetworkPolicy of a pool that is deleted, or changed, by hand is put back', async () => {
    await pool('shop', { runtime: 'py', size: 2 });
    const at = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/warm-pool-warm';
    interface Policy {
      metadata: { uid: string; resourceVersion: string };
      spec: { ingress: unknown[] };
    }
    const first = await until('the policy', () => get<Policy>(at));
    await until('its pods', async () => (await podsOf('shop')).length === 2);
    await kube.request('DELETE', at);
    const second = await until('it is back', async () => {
      const now = await get<Policy>(at);
      return now && now.metadata.uid !== first.metadata.uid ? now : undefined;
    });
    expect(second.spec).toEqual(first.spec);
    const body = { spec: { ingress: [{}] } };
    await kube.request('PATCH', at, { body, contentType: 'application/merge-patch+json' });
    await until('what it lets in', async () => JSON.stringify((await get<Policy>(at))?.spec) === JSON.stringify(first.spec));
  });

  it('what the API server says of pods that it refuses reaches the condition', async () => {
    const metadata = { name: 'small' };
    const spec = { limits: [{ type: 'Container', max: { memory: '64Mi' } }] };
    await post('/api/v1/namespaces/limited/limitranges', { apiVersion: 'v1', kind: 'LimitRange', metadata, spec });
    await pool('limited', { runtime: 'py', size: 2 });
    const said = await until('it is told', async () => {
      const now = await ready('limited');
      return now?.status === 'False' ? now : undefined;
    });
    expect(said).toMatchObject({ reason: 'PodRefused', message: expect.stringContaining('maximum memory usage per Container is 64Mi') });
    expect(await podsOf('limited')).toEqual([]);
  });

  it('a pool that its Runtime asks for is kept when the Runtime is deleted and made anew, as Helm’s hooks are', async () => {
    await lull('Runtime', 'hooked', { ...runtime, warm: 1 }, '/runtimes');
    const spec = { runtime: 'hooked', handler: 'a.b', code: { inline: { 'a.py': '' } } };
    await lull('Function', 'f', spec, '/namespaces/implied/functions');
    const at = `${LULL}/namespaces/implied/warmpools/hooked`;
    const sync = async (): Promise<LullWarmPool | undefined> => {
      await warm.syncRuntimes();
      return get<LullWarmPool>(at);
    };
    const first = await until('the pool', sync);
    expect(first.metadata.ownerReferences).toBeUndefined();
    await until('its pod', async () => (await podsOf('implied')).length === 1);
    await until('it is in the cache', async () => caches.warmPools().some((one) => keyOf(one) === 'implied/hooked'));
    await kube.request('DELETE', `${LULL}/runtimes/hooked`);
    await until('the Runtime is gone', async () => caches.runtime('hooked') === undefined);
    await sync();
    await lull('Runtime', 'hooked', { ...runtime, warm: 1 }, '/runtimes');
    await until('it is back', async () => caches.runtime('hooked') !== undefined);
    expect((await sync())?.metadata.uid).toBe(first.metadata.uid);
    expect(await podsOf('implied')).toHaveLength(1);
  });
});
