import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import type { Bundle } from '../code/bundle.ts';
import { SETTINGS } from '../code/testing.ts';
import { desired } from '../function/desired.ts';
import { eligible } from './eligible.ts';
import { poolTemplate } from './pool-pod.ts';

const runtime: LullRuntime = {
  apiVersion: 'lull.dev/v1alpha1',
  kind: 'Runtime',
  metadata: { name: 'py' },
  spec: { image: 'lull/py:1', command: ['python3', '/opt/lull/launch.py'] },
};
const pool: LullWarmPool = {
  apiVersion: 'lull.dev/v1alpha1',
  kind: 'WarmPool',
  metadata: { name: 'warm', namespace: 'shop', uid: 'u' },
  spec: { runtime: 'py' },
};

function verdict(spec: Partial<FunctionSpec>, bundles: Bundle[] = [], command = runtime.spec.command) {
  const fn = {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'f', namespace: 'shop', uid: 'u' },
    spec: { runtime: 'py', handler: 'a.b', code: { inline: { 'a.py': '' } }, ...spec },
  } as LullFunction;
  const { deployment, revision } = desired(fn, runtime, SETTINGS, { bundles });
  // As the API server gives it back.
  const template = JSON.parse(JSON.stringify(deployment.spec.template));
  Object.assign(template.spec, { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler' });
  const { hash, likeFunction } = poolTemplate(pool, runtime, SETTINGS);
  return eligible({ fn, template, revision, command, pool: { name: 'warm', hash, template: likeFunction } });
}

describe('eligible', () => {
  it.each<[string, Partial<FunctionSpec>, Bundle[]?]>([
    ['one that says nothing', {}],
    [
      'environment, time limit, concurrency, answers',
      { env: [{ name: 'A', value: 'b' }], timeoutSeconds: 900, concurrency: 5, logFormat: 'JSON' },
    ],
    ['values from Secrets', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }],
    ['code that is fetched', {}, [{ digest: 'a'.repeat(64), target: '/var/task', unpackedBytes: 200_000_000 } as Bundle]],
    ['its own CPU request and a boost', { resources: { requests: { cpu: '100m' } }, startupBoost: { cpu: '1' } }],
    ['direct access', { scale: { directAccess: 'auto' } }],
  ])('%s', (_, spec, bundles) => {
    expect(verdict(spec, bundles)).toMatchObject({
      eligible: true,
      pool: 'warm',
      template: expect.stringMatching(/^[0-9a-f]{16}$/),
      revision: expect.stringMatching(/^f-/),
    });
  });

  it('says what the pod has not behind it', () => {
    expect(verdict({ env: [{ name: 'A', value: 'b' }] }).reason).not.toContain('starts then');
    expect(verdict({ env: [{ name: 'PYTHONPATH', value: '/var/task/lib' }] }).reason).toMatch(
      /; its handler's process starts then, for PYTHONPATH is read/,
    );
    expect(verdict({}, [], ['bootstrap']).reason).toMatch(/; its handler's process starts then, for nothing starts a py ahead$/);
  });

  it.each<[Partial<FunctionSpec>, string]>([
    [{ scale: { warmPool: 'never' } }, 'spec.scale.warmPool'],
    [{ scale: { min: 1 } }, 'spec.scale.min'],
    [{ replicas: 2 }, 'spec.replicas'],
    [{ resources: { limits: { memory: '1Gi' } } }, 'spec.resources.limits.memory is 1Gi, and the pool’s pods have 256Mi'],
    [{ resources: { limits: { cpu: '1' } } }, 'spec.resources.limits.cpu'],
    [{ resources: { limits: { 'ephemeral-storage': '2Gi' } } }, 'ephemeral-storage'],
    [{ env: [{ name: 'A', value: 'x$(B)' }] }, 'spec.env A'],
    [{ code: { inline: { 'a.py': '' }, pullSecret: { name: 'x' } } as FunctionSpec['code'] }, 'another than the pool’s'],
  ])('not %j', (spec, reason) => {
    expect(verdict(spec)).toEqual({ eligible: false, reason: expect.stringContaining(reason) });
  });

  it('another key, image or preload is another template', () => {
    const hash = (over: Partial<LullRuntime['spec']>, settings = SETTINGS) =>
      poolTemplate(pool, { ...runtime, spec: { ...runtime.spec, ...over } }, settings).hash;
    const all = [hash({}), hash({ image: 'lull/py:2' }), hash({ preload: ['boto3'] }), hash({}, { ...SETTINGS, announceKey: 'other' })];
    expect(new Set(all).size).toBe(4);
    expect(hash({})).toBe(all[0]);
  });
});
