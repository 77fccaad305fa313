import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { KubeError } from '../../common/kube/kube-error.ts';
import type { Job } from '../function/objects.ts';
import { CodeKeeper } from './code-keeper.ts';
import { CodeMetrics } from './metrics.ts';
import type { BlobStore } from './store-client.ts';
import { ARCHIVE, greet, RUNTIME, SETTINGS } from './testing.ts';

/** A keeper whose store, and whose API server, do as they are told. */
function keeperWith(store: Partial<BlobStore>, createJob: () => boolean = () => true) {
  const made: Job[] = [];
  const again: [string, number][] = [];
  const errors: string[] = [];
  const keeper = new CodeKeeper({
    read: {
      functions: () => [],
      allDeployments: () => [],
      allCodeJobs: () => [],
      codeJobs: () => [],
      codePods: () => [],
      configMapVersion: () => undefined,
    },
    write: {
      createJob: async (job) => {
        made.push(job);
        return createJob();
      },
      removeJob: async () => undefined,
    },
    store: { list: async () => [], has: async () => true, put: async () => undefined, remove: async () => undefined, ...store },
    settings: SETTINGS,
    again: (key, afterMillis) => again.push([key, afterMillis]),
    metrics: new CodeMetrics(new Registry()),
    onError: (what) => errors.push(what),
    now: () => 0,
  });
  return { keeper, made, again, errors };
}

const down = async (): Promise<never> => {
  throw new Error('connect ECONNREFUSED');
};
const FETCHED = { code: [{ name: 'code', source: '', digest: 'd'.repeat(64), bytes: 1, unpackedBytes: 1 }] };

describe('CodeKeeper', () => {
  it('has nothing to do with a function whose code is handed over', async () => {
    const { keeper, made } = keeperWith({});
    expect(await keeper.ensure(greet({}), RUNTIME)).toBeUndefined();
    expect(made).toEqual([]);
  });

  it('makes no revision of code whose packages the Runtime does not install', async () => {
    const { keeper } = keeperWith({});
    const { build: _, ...spec } = RUNTIME.spec;
    const fn = greet({ code: { inline: { 'app.py': '', 'requirements.txt': 'six' } } });
    const code = await keeper.ensure(fn, { ...RUNTIME, spec });
    expect(code?.condition).toMatchObject({ status: 'False', reason: 'NoBuild', message: expect.stringContaining('spec.build') });
    expect(code?.revision).toBeUndefined();
  });

  it('tells when the store does not take inline code, and tries again', async () => {
    const { keeper, made, again } = keeperWith({ put: down });
    const code = await keeper.ensure(greet({ code: { inline: { 'app.py': '', 'requirements.txt': 'six' } } }), RUNTIME);
    expect(code?.condition).toMatchObject({
      status: 'False',
      reason: 'StoreUnavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(code?.revision).toBeUndefined();
    expect([made, again]).toEqual([[], [['shop/greet', 5000]]]);
  });

  it('looks again soon when a Job of that name is still on its way out', async () => {
    const { keeper, again } = keeperWith({}, () => false);
    await keeper.ensure(greet({ code: { archive: ARCHIVE } }), RUNTIME);
    expect(again).toEqual([['shop/greet', 500]]);
  });

  it('tells when the API server refuses the Job, in its words, and tries again; what only passes is thrown', async () => {
    const answer = (code: number, message: string) => () => {
      throw KubeError.fromStatus(code, { kind: 'Status', message }, 'POST /jobs');
    };
    const { keeper, again } = keeperWith({}, answer(403, 'exceeded quota: jobs'));
    const code = await keeper.ensure(greet({ code: { archive: ARCHIVE } }), RUNTIME);
    expect(code?.condition).toMatchObject({
      status: 'False',
      reason: 'JobRefused',
      message: expect.stringContaining('exceeded quota: jobs'),
    });
    expect(again).toEqual([['shop/greet', 30_000]]);
    await expect(keeperWith({}, answer(429, 'later')).keeper.ensure(greet({ code: { archive: ARCHIVE } }), RUNTIME)).rejects.toThrow(
      'later',
    );
  });

  it('takes nothing for lost while the store does not answer', async () => {
    const { keeper, made, errors } = keeperWith({ list: down, has: down });
    await keeper.look();
    expect(errors).toHaveLength(1);
    const first = await keeper.ensure(greet({ code: { archive: ARCHIVE } }), RUNTIME);
    const source = made[0]?.metadata.labels?.['lull.dev/source'] ?? '';
    expect(first?.fetched).toEqual([]);
    const fetched = FETCHED.code.map((one) => ({ ...one, source }));
    const again = await keeper.ensure(greet({ code: { archive: ARCHIVE } }, {}, { code: fetched }), RUNTIME);
    expect(again).toMatchObject({ fetched, revision: { bundles: [{ digest: 'd'.repeat(64) }] }, condition: { status: 'True' } });
    expect(made).toHaveLength(1);
  });
});
