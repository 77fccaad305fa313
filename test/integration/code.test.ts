import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { LullFunction } from '../../common/api/function.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { ARCHIVE, RUNTIME } from '../../operator/code/testing.ts';
import type { Deployment, Job } from '../../operator/function/objects.ts';
import { until } from '../support/wait.ts';
import { ApiServer, apiServerBinary } from './apiserver.ts';
import { CodePart } from './code-part.ts';

const binary = apiServerBinary();
if (!binary) console.log('not run here: fetching code on a real API server, whose binary is not in the cache (make up builds it)');
const crd = (name: string): unknown =>
  parse(readFileSync(path.resolve(import.meta.dirname, '../../crds', `${name}.lull.dev.yaml`), 'utf8'));
const HOUR = 3_600_000;

describe.skipIf(binary === undefined)('code that is fetched, on a real API server with a real store', () => {
  const server = new ApiServer(binary ?? '');
  let kube: KubeTransport;
  let part: CodePart;

  beforeAll(async () => {
    await server.start();
    kube = server.transport();
    for (const name of ['functions', 'runtimes', 'warmpools'])
      await kube.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: crd(name) });
    await kube.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } });
    await until('the CRDs', async () => (await kube.request('GET', '/apis/lull.dev/v1alpha1/runtimes')).status === 200);
    await until('the other CRD', async () => (await kube.request('GET', '/apis/lull.dev/v1alpha1/functions')).status === 200);
    await kube.request('POST', '/apis/lull.dev/v1alpha1/runtimes', { body: RUNTIME });
    part = await CodePart.start(kube);
  }, 90_000);
  afterAll(async () => {
    await part?.stop();
    await kube.close();
    await server.stop();
  });

  const functions = '/apis/lull.dev/v1alpha1/namespaces/shop/functions';
  const create = (name: string, spec: object): Promise<unknown> =>
    kube.request('POST', functions, {
      body: {
        apiVersion: 'lull.dev/v1alpha1',
        kind: 'Function',
        metadata: { name },
        spec: { runtime: 'python3.11', handler: 'app.handler', ...spec },
      },
    });
  const change = (path: string, body: object): Promise<unknown> =>
    kube.request('PATCH', path, { body, contentType: 'application/merge-patch+json' });
  const get = async <T>(path: string): Promise<T> => (await kube.request('GET', path)).body as T;
  const jobsOf = async (name: string): Promise<Job[]> =>
    (await get<{ items: Job[] }>(`/apis/batch/v1/namespaces/shop/jobs?labelSelector=lull.dev/code-of=${name}`)).items.filter(
      ({ metadata }) => !metadata.deletionTimestamp,
    );
  const deploymentsOf = async (name: string): Promise<Deployment[]> =>
    (await get<{ items: Deployment[] }>(`/apis/apps/v1/namespaces/shop/deployments?labelSelector=lull.dev/function=${name}`)).items;
  const untilJob = (name: string, other = ''): Promise<Job> =>
    until(`a Job for ${name}`, async () => (await jobsOf(name)).find(({ metadata }) => metadata.uid !== other));
  const untilFunction = (name: string, is: (fn: LullFunction) => boolean): Promise<LullFunction> =>
    until(
      `the status of ${name}`,
      async () => {
        const fn = await get<LullFunction>(`${functions}/${name}`);
        if (is(fn)) return fn;
        throw new Error(JSON.stringify(fn.status));
      },
      10_000,
    );
  const condition = (fn: LullFunction, type: string) => fn.status?.conditions?.find((one) => one.type === type);
  const bundlesIn = ([deployment]: Deployment[]): string =>
    deployment?.spec.template.spec.containers[0]?.env.find(({ name }) => name === 'LULL_BUNDLES')?.value ?? '';

  /** What the kubelet would write when a Job's pod has ended. */
  async function end(job: Job, container: 'fetch' | 'pack', exitCode: number, message: object): Promise<void> {
    const { template } = job.spec as { template: { metadata: object; spec: object } };
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, uid: job.metadata.uid, controller: true };
    const name = `${job.metadata.name}-${container}`;
    const pods = '/api/v1/namespaces/shop/pods';
    await kube.request('POST', pods, {
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name, ownerReferences: [owner] }, spec: template.spec },
    });
    const terminated = { exitCode, message: JSON.stringify(message), reason: exitCode === 0 ? 'Completed' : 'Error' };
    const statuses = [{ name: container, image: 'i', imageID: 'i', ready: false, restartCount: 0, state: { terminated } }];
    await change(`${pods}/${name}/status`, {
      status: {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        [container === 'pack' ? 'containerStatuses' : 'initContainerStatuses']: statuses,
      },
    });
  }

  /** Puts something into the store as the fetcher would, and says so. */
  async function fetched(job: Job, content: string): Promise<string> {
    const bytes = Buffer.from(content);
    const digest = createHash('sha256').update(bytes).digest('hex');
    await part.store.put(digest, bytes, 'shop/x');
    await end(job, 'pack', 0, { digest, bytes: bytes.length, unpackedBytes: 1000, files: 1 });
    return digest;
  }

  it('makes a revision when the code is there, not before, and the Job is not needed any more', async () => {
    await create('zip', { code: { archive: ARCHIVE } });
    const job = await untilJob('zip');
    const waiting = await untilFunction('zip', (fn) => condition(fn, 'Ready')?.reason === 'Fetching');
    expect(condition(waiting, 'Ready')?.status).toBe('False');
    expect(await deploymentsOf('zip')).toEqual([]);
    const digest = await fetched(job, 'zip');
    const ready = await untilFunction('zip', (fn) => condition(fn, 'Ready')?.status === 'True');
    expect(ready.status?.code).toEqual([
      { name: 'code', source: job.metadata.labels?.['lull.dev/source'], digest, bytes: 3, unpackedBytes: 1000 },
    ]);
    expect(bundlesIn(await deploymentsOf('zip'))).toContain(digest);
    await kube.request('DELETE', `/apis/batch/v1/namespaces/shop/jobs/${job.metadata.name}?propagationPolicy=Background`);
    await part.keeper.look();
    await change(`${functions}/zip`, { spec: { timeoutSeconds: 31 } });
    await untilFunction('zip', (fn) => fn.status?.observedGeneration === fn.metadata.generation);
    expect(await jobsOf('zip')).toEqual([]);
  });

  it('tells what went wrong, and goes on serving what it had', async () => {
    const before = await get<LullFunction>(`${functions}/zip`);
    await change(`${functions}/zip`, { spec: { code: { archive: { ...ARCHIVE, sha256: 'b'.repeat(64) } } } });
    const job = await untilJob('zip');
    await end(job, 'fetch', 2, { error: { code: 'DigestMismatch', message: 'the archive has the digest aa' } });
    const fn = await untilFunction('zip', (one) => condition(one, 'CodeReady')?.status === 'False');
    expect(condition(fn, 'CodeReady')).toMatchObject({
      reason: 'DigestMismatch',
      message: expect.stringContaining('the archive has the digest aa'),
    });
    expect(condition(fn, 'Ready')).toMatchObject({ status: 'False', message: expect.stringContaining('goes on serving') });
    expect(fn.status?.activeRevision).toBe(before.status?.activeRevision);
    const events = await until('the event', async () => {
      const { items } = await get<{ items: { reason: string; note: string; regarding: { name: string } }[] }>(
        '/apis/events.k8s.io/v1/namespaces/shop/events',
      );
      const about = items.filter(({ reason, regarding }) => reason === 'DigestMismatch' && regarding.name === 'zip');
      return about.length > 0 ? about : undefined;
    });
    expect(events).toHaveLength(1);
  });

  it('follows a ConfigMap, and says so when there is none', async () => {
    await create('config', { code: { configMap: { name: 'mine' } } });
    const without = await untilFunction('config', (fn) => condition(fn, 'CodeReady')?.reason === 'ConfigMapNotFound');
    expect(condition(without, 'CodeReady')?.message).toContain('kubectl create configmap mine');
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' }, data: { 'app.py': '1' } };
    await kube.request('POST', '/api/v1/namespaces/shop/configmaps', { body: configMap });
    const first = await untilJob('config');
    await change('/api/v1/namespaces/shop/configmaps/mine', { data: { 'app.py': '2' } });
    const second = await untilJob('config', first.metadata.uid);
    expect(second.metadata.name).not.toBe(first.metadata.name);
    await until('the end of the first Job', async () => (await jobsOf('config')).length === 1);
  });

  it('mounts the certificates that a source names, and refuses what they do not apply to', async () => {
    const caBundle = { configMap: { name: 'my-ca' }, key: 'root.pem' };
    await create('trusting', { code: { git: { url: 'https://git.example/x.git', caBundle } } });
    const { template } = (await untilJob('trusting')).spec as { template: { spec: { volumes: object[] } } };
    expect(template.spec.volumes).toContainEqual(
      expect.objectContaining({ configMap: expect.objectContaining({ name: 'my-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] }) }),
    );
    const refused: [object, RegExp][] = [
      [{ git: { url: 'ssh://git@git.example/x.git', caBundle } }, /git\.caBundle is for a url that begins with https/],
      [{ archive: { ...ARCHIVE, url: 'http://a.example/x.zip', caBundle } }, /archive\.caBundle is for a url that begins with https/],
      [{ archive: { ...ARCHIVE, caBundle: {} } }, /archive\.caBundle needs exactly one of configMap and secret/],
      [{ oci: { image: 'r/x:1', caBundle: { ...caBundle, secret: { name: 'b' } } } }, /oci\.caBundle needs exactly one/],
      [{ archive: ARCHIVE, caBundle }, /spec\.code\.caBundle is for spec\.code\.image/],
    ];
    for (const [code, message] of refused) expect(await create('wrong', { code }).catch(String)).toMatch(message);
    const layers = [{ archive: { ...ARCHIVE, caBundle: { configMap: { name: 'a' }, secret: { name: 'b' } } } }];
    expect(await create('wrong', { code: { archive: ARCHIVE }, layers }).catch(String)).toMatch(/spec\.layers.*caBundle needs exactly one/);
  });

  it('builds inline code from the store', async () => {
    await create('built', { code: { inline: { 'app.py': '', 'requirements.txt': 'six' } } });
    const job = await untilJob('built');
    const { template } = job.spec as { template: { spec: { initContainers: { name: string; env: { name: string; value: string }[] }[] } } };
    expect(template.spec.initContainers.map(({ name }) => name)).toEqual(['fetch', 'build']);
    const source = template.spec.initContainers[0]?.env.find(({ name }) => name === 'LULL_SOURCE')?.value ?? '';
    const digest = /store:\/\/\/([0-9a-f]{64})/.exec(source)?.[1] ?? '';
    expect(await part.store.has(digest)).toBe(true);
  });

  it('fetches again what the store has lost, while the revision stays', async () => {
    await create('lost', { code: { archive: ARCHIVE } });
    const digest = await fetched(await untilJob('lost'), 'lost');
    const { status } = await untilFunction('lost', (fn) => condition(fn, 'Ready')?.status === 'True');
    const [job] = await jobsOf('lost');
    await part.store.remove(digest);
    await part.keeper.look();
    const again = await untilJob('lost', job?.metadata.uid);
    const restoring = await untilFunction('lost', (fn) => condition(fn, 'CodeReady')?.status === 'Unknown');
    expect(condition(restoring, 'Ready')?.status).toBe('True');
    // Of the first Job, which is gone; there is no controller here that would delete it.
    await kube.request('DELETE', `/api/v1/namespaces/shop/pods/${job?.metadata.name}-pack?gracePeriodSeconds=0`);
    await fetched(again, 'lost');
    const restored = await untilFunction('lost', (fn) => condition(fn, 'CodeReady')?.status === 'True');
    expect(restored.status?.activeRevision).toBe(status?.activeRevision);
    expect(await part.store.has(digest)).toBe(true);
  });

  it('deletes from the store what nothing refers to any more, after an hour', async () => {
    const digest = createHash('sha256').update('nobody').digest('hex');
    await part.store.put(digest, Buffer.from('nobody'), 'shop/x');
    await part.keeper.collect();
    expect(await part.store.has(digest)).toBe(true);
    part.now = Date.now() + 2 * HOUR;
    await part.keeper.collect();
    expect(await part.store.has(digest)).toBe(false);
    const { status } = await get<LullFunction>(`${functions}/lost`);
    expect(await part.store.has(status?.code?.[0]?.digest ?? '')).toBe(true);
  });
});
