import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import { SETTINGS } from '../code/testing.ts';
import { podTemplate } from '../function/pod.ts';
import { fits, referred, unfit } from './eligible.ts';
import { poolPods } from './pool-pod.ts';

const runtime = { metadata: { name: 'py' }, spec: { image: 'py:1', command: ['python3'], preload: ['boto3'] } } as LullRuntime;
const pool = (spec: Partial<LullWarmPool['spec']> = {}): LullWarmPool =>
  ({ metadata: { name: 'py', namespace: 'shop', uid: 'p-1' }, spec: { runtime: 'py', ...spec } }) as LullWarmPool;
const fn = (spec: Partial<FunctionSpec> = {}): LullFunction =>
  ({
    metadata: { name: 'f', namespace: 'shop', uid: 'u-1' },
    spec: { runtime: 'py', handler: 'a.b', code: { inline: { 'a.py': '' } }, ...spec },
  }) as LullFunction;
const templateOf = (one: LullFunction, unpackedBytes = 0) =>
  podTemplate(one, runtime, SETTINGS, 'f-1', {
    bundles: unpackedBytes === 0 ? [] : [{ digest: 'd', target: '/var/task', bytes: 1, unpackedBytes } as never],
  });
const verdict = (one: LullFunction, of = pool()) =>
  unfit(one) ?? fits(templateOf(one), { name: 'py', template: poolPods(of, runtime, SETTINGS).template });

describe('eligible', () => {
  it.each<[string, Partial<FunctionSpec>, RegExp | undefined]>([
    ['a plain one', {}, undefined],
    ['plain values', { env: [{ name: 'A', value: 'b' }] }, undefined],
    ['a variable from a Secret', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }, undefined],
    ['direct access, whose port is one more', { scale: { directAccess: 'auto' } }, undefined],
    ['a long grace', { terminationGracePeriodSeconds: 3600 }, undefined],
    ['a server', { protocol: 'http', code: { image: 'x' } }, /spec\.protocol http/],
    ['an image of its own', { code: { image: 'x' } }, /spec\.code\.image/],
    ['never', { scale: { warmPool: 'never' } }, /set it to auto/],
    ['never at zero', { scale: { min: 1 } }, /spec\.scale\.min is 1/],
    ['more memory', { resources: { limits: { memory: '1Gi' } } }, /limits\.memory is 1Gi/],
    ['a value that the kubelet expands', { env: [{ name: 'A', value: '$(B)' }] }, /spec\.env A: only the kubelet/],
    ['a wrapper', { env: [{ name: 'AWS_LAMBDA_EXEC_WRAPPER', value: '/opt/w' }] }, /AWS_LAMBDA_EXEC_WRAPPER/],
  ])('%s', (_name, spec, reason) => {
    if (reason) expect(verdict(fn(spec))).toMatch(reason);
    else expect(verdict(fn(spec))).toBeUndefined();
  });

  it('has room for code as large as AWS takes it', () => {
    expect(fits(templateOf(fn(), 262_144_000), { name: 'py', template: poolPods(pool(), runtime, SETTINGS).template })).toBeUndefined();
    expect(fits(templateOf(fn(), 363_000_000), { name: 'py', template: poolPods(pool(), runtime, SETTINGS).template })).toMatch(
      /ephemeral-storage/,
    );
  });

  it('takes a pool of its own resources class, however the quantity is written', () => {
    const bigger = pool({ resources: { limits: { memory: '1024Mi' } } });
    expect(verdict(fn({ resources: { limits: { memory: '1Gi' } } }), bigger)).toBeUndefined();
    expect(verdict(fn(), bigger)).toMatch(/spec\.resources/);
  });

  it('does not mind what the API server fills in, and minds what a webhook does', () => {
    const free = { name: 'py', template: poolPods(pool(), runtime, SETTINGS).template };
    const stored = templateOf(fn());
    Object.assign(stored.spec, { dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler' });
    expect(fits(stored, free)).toBeUndefined();
    Object.assign(stored.spec, { nodeSelector: { gpu: 'yes' } });
    expect(fits(stored, free)).toMatch(/not made as/);
  });

  it('any environment of plain values without $( is taken', () => {
    const name = fc.stringMatching(/^[A-Z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(fc.record({ name, value: fc.string() })), (env) => {
        fc.pre(env.every(({ value }) => !value.includes('$(')));
        expect(verdict(fn({ env }))).toBeUndefined();
      }),
    );
  });

  it('names what comes by reference', () => {
    const env = [
      { name: 'NODE_KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      { name: 'B', value: 'c' },
    ];
    expect(referred(templateOf(fn({ env })))).toEqual(['NODE_KEY']);
  });
});

describe('poolPods', () => {
  it.each<[string, () => string]>([
    ['the image', () => poolPods(pool(), { ...runtime, spec: { ...runtime.spec, image: 'py:2' } }, SETTINGS).hash],
    ['the modules', () => poolPods(pool(), { ...runtime, spec: { ...runtime.spec, preload: [] } }, SETTINGS).hash],
    ['the resources', () => poolPods(pool({ resources: { limits: { memory: '1Gi' } } }), runtime, SETTINGS).hash],
    ['the key', () => poolPods(pool(), runtime, { ...SETTINGS, announceKey: 'another' }).hash],
  ])('another hash when %s changes', (_name, other) => {
    expect(other()).not.toBe(poolPods(pool(), runtime, SETTINGS).hash);
  });

  it('the same hash whatever its size', () => {
    expect(poolPods(pool({ size: 9 }), runtime, SETTINGS).hash).toBe(poolPods(pool(), runtime, SETTINGS).hash);
  });
});
