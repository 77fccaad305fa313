import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { SETTINGS } from '../../operator/code/testing.ts';
import { endpointSlices } from '../../operator/direct/endpoint-slices.ts';
import { activatorSlice, directFunction, directPod } from '../../operator/direct/testing.ts';
import { desired } from '../../operator/function/desired.ts';
import { apply } from '../../operator/kube/apply.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';

const settings = { ...SETTINGS, scraperNamespaces: ['monitoring'] };
const runtime = { metadata: { name: 'python3.11' }, spec: { image: 'i', command: ['c'] } } as unknown as LullRuntime;

interface Stored {
  spec: { type: string; externalName?: string; clusterIP?: string; selector?: unknown; ports: { port: number; name: string }[] };
  endpoints?: { addresses: string[] }[];
  ports?: { port: number }[];
  metadata: { resourceVersion: string };
}

const binary = apiServerBinary();

describe.skipIf(binary === undefined)('on a real API server', () => {
  const server = new ApiServer(binary ?? '');
  let kube: KubeTransport;
  beforeAll(async () => {
    await server.start();
    kube = server.transport();
    await kube.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } });
  }, 90_000);
  afterAll(async () => {
    await kube.close();
    await server.stop();
  });

  const get = async (path: string): Promise<Stored> => (await kube.request('GET', path)).body as Stored;
  const applyService = async (directAccess: 'auto' | 'never'): Promise<Stored> => {
    const fn: LullFunction = { ...directFunction(), spec: { ...directFunction().spec, scale: { directAccess } } as FunctionSpec };
    await apply(kube, desired(fn, runtime, settings).service, 'lull-operator');
    return get('/api/v1/namespaces/shop/services/cart');
  };

  it('a function’s Service changes from an alias to an address of its own, and back, and again', async () => {
    for (let i = 0; i < 2; i += 1) {
      const alias = await applyService('never');
      expect(alias.spec).toMatchObject({ type: 'ExternalName', externalName: settings.activatorHost });
      expect(alias.spec.clusterIP ?? '').toBe('');
      const own = await applyService('auto');
      expect(own.spec).toMatchObject({ type: 'ClusterIP', ports: [{ name: 'http', port: 80 }] });
      expect(own.spec.clusterIP).toMatch(/^10\.0\.0\.\d+$/);
      expect(own.spec).not.toHaveProperty('externalName');
      expect(own.spec).not.toHaveProperty('selector');
    }
  });

  it('what stands behind it changes by one write of one object, and writing the same again changes nothing', async () => {
    const activators = [activatorSlice('IPv4', '10.0.0.1', '10.0.0.2')];
    const path = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/cart-lull-ipv4';
    const applySlices = async (pods: Parameters<typeof endpointSlices>[2]): Promise<Stored> => {
      for (const slice of endpointSlices(directFunction(), activators, pods)) await apply(kube, slice, 'lull-direct');
      return get(path);
    };
    const first = await applySlices(undefined);
    expect([first.endpoints?.flatMap(({ addresses }) => addresses), first.ports?.[0]?.port]).toEqual([['10.0.0.1', '10.0.0.2'], 8080]);
    const pods = await applySlices([directPod('a', '10.1.0.1')]);
    expect([pods.endpoints?.flatMap(({ addresses }) => addresses), pods.ports?.map(({ port }) => port)]).toEqual([['10.1.0.1'], [8087]]);
    expect((await applySlices([directPod('a', '10.1.0.1')])).metadata.resourceVersion).toBe(pods.metadata.resourceVersion);
    expect((await applySlices(undefined)).endpoints).toEqual(first.endpoints);
  });
});
