import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KubeError } from '../../common/kube/kube-error.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { until } from '../support/wait.ts';
import { RIGHT_RUNTIMES, RIGHT_WARM_POOLS, WRONG_RUNTIMES, WRONG_WARM_POOLS } from '../support/wrong-warm-manifests.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';

const binary = apiServerBinary();
if (!binary)
  console.log('not run here: manifests of warm pools on a real API server, whose binary is not in the cache (make up builds it)');
const crd = (name: string): unknown =>
  parse(readFileSync(path.resolve(import.meta.dirname, '../../crds', `${name}.lull.dev.yaml`), 'utf8'));

describe.skipIf(binary === undefined)('manifests of warm pools, on a real API server', () => {
  const server = new ApiServer(binary ?? '');
  let kube: KubeTransport;

  const pathOf = { WarmPool: '/apis/lull.dev/v1alpha1/namespaces/default/warmpools', Runtime: '/apis/lull.dev/v1alpha1/runtimes' };
  const apply = async (kind: 'WarmPool' | 'Runtime', name: string, spec: unknown): Promise<string> => {
    const body = { apiVersion: 'lull.dev/v1alpha1', kind, metadata: { name }, ...(spec !== undefined && { spec }) };
    const query = '?fieldManager=test&dryRun=All&fieldValidation=Strict';
    try {
      await kube.request('PATCH', `${pathOf[kind]}/${name}${query}`, { body, contentType: 'application/apply-patch+yaml' });
      return 'taken';
    } catch (error) {
      if (error instanceof KubeError && error.status?.message) return error.status.message;
      throw error;
    }
  };

  beforeAll(async () => {
    await server.start();
    kube = server.transport();
    for (const name of ['runtimes', 'warmpools'])
      await kube.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: crd(name) });
    for (const of of Object.values(pathOf)) await until(of, async () => (await kube.request('GET', of)).status === 200);
    await until('the namespace', async () => (await kube.request('GET', '/api/v1/namespaces/default')).status === 200);
  }, 90_000);
  afterAll(async () => {
    await kube.close();
    await server.stop();
  });

  it.each(WRONG_WARM_POOLS)(
    'WarmPool: %s is refused with a sentence that names the field',
    async (_what, { name = 'wrong', spec }, names) => {
      expect(await apply('WarmPool', name, spec)).toMatch(names);
    },
  );

  it.each(WRONG_RUNTIMES)('Runtime: %s is refused with a sentence that names the field', async (_what, { name = 'wrong', spec }, names) => {
    expect(await apply('Runtime', name, spec)).toMatch(names);
  });

  it.each(RIGHT_WARM_POOLS)('WarmPool: %j is taken', async (spec) => {
    expect(await apply('WarmPool', 'right', spec)).toBe('taken');
  });

  it.each(RIGHT_RUNTIMES)('Runtime: %j is taken', async (spec) => {
    expect(await apply('Runtime', 'right', spec)).toBe('taken');
  });
});
