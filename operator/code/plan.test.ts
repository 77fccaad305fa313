import { describe, expect, it } from 'vitest';
import type { CodeStatus } from '../../common/api/code.ts';
import type { Outcome } from './outcome.ts';
import { planCode } from './plan.ts';
import type { Wanted } from './source.ts';
import { ARCHIVE } from './testing.ts';

const code: Wanted = { name: 'code', source: 's1', from: { git: { url: 'https://example.com/r.git', ref: 'main' } } };
const layer: Wanted = { name: 'layer-0', source: 's2', from: { archive: ARCHIVE } };
const fetched = (name: string, source: string, digest = `${name}-${source}`): CodeStatus => ({
  name,
  source,
  digest,
  bytes: 1,
  unpackedBytes: 2_500_000,
});
const done = (digest: string): Outcome => ({ kind: 'fetched', digest, bytes: 1, unpackedBytes: 2_500_000 });
const running: Outcome = { kind: 'running', message: 'pod p runs fetch' };
const failed: Outcome = { kind: 'failed', code: 'SourceNotFound', message: 'not there', final: true };
const none = (): boolean => false;

describe('planCode of an image', () => {
  const image: Wanted = { name: 'image', source: 's3', from: { image: { image: 'you/app:1' } } };
  const facts = { reference: 'you/app@sha256:ab', entryPoint: ['/main'], command: [] };

  it('is complete with what the registry says, and is never lost: the store has nothing of it', () => {
    const jobs = [{ job: 'j', name: 'image', source: 's3', outcome: { ...done('ab'), image: facts } }];
    const plan = planCode([image], [], jobs, () => true);
    expect(plan).toMatchObject({ complete: true, fetch: [], remove: [], fetched: [{ name: 'image', digest: 'ab', image: facts }] });
    expect(plan.condition).toEqual({ status: 'True', reason: 'Fetched', message: 'image you/app@sha256:ab' });
    expect(planCode([image], plan.fetched, [], () => true)).toMatchObject({ complete: true, fetch: [], remove: [] });
  });

  it('says how to do without a registry when that cannot be asked', () => {
    const plan = planCode([image], [], [{ job: 'j', name: 'image', source: 's3', outcome: failed }], none);
    expect(plan.condition).toEqual({
      status: 'False',
      reason: 'SourceNotFound',
      message: 'image from you/app:1: not there; or give spec.imageConfig.entryPoint and .command, and no registry is asked',
    });
  });
});

describe('planCode', () => {
  it('fetches what was never fetched', () => {
    const plan = planCode([code, layer], [], [], none);
    expect(plan).toMatchObject({ complete: false, fetched: [], remove: [], condition: { status: 'Unknown', reason: 'Fetching' } });
    expect(plan.fetch.map(({ wanted }) => wanted.name)).toEqual(['code', 'layer-0']);
  });

  it('waits for a Job, and says what it does', () => {
    const plan = planCode([code], [], [{ job: 'j', name: 'code', source: 's1', outcome: running }], none);
    expect(plan).toMatchObject({ complete: false, fetch: [], remove: [] });
    expect(plan.condition.message).toBe('fetching code from https://example.com/r.git at main: pod p runs fetch');
  });

  it('takes what a Job has fetched, and then needs the Job no more', () => {
    const jobs = [{ job: 'j', name: 'code', source: 's1', outcome: done('dd') }];
    const plan = planCode([code], [], jobs, none);
    expect(plan).toMatchObject({ complete: true, fetch: [], remove: [], fetched: [{ name: 'code', source: 's1', digest: 'dd' }] });
    expect(plan.condition).toEqual({ status: 'True', reason: 'Fetched', message: 'code dd, 2.5 MB unpacked' });
    expect(planCode([code], plan.fetched, [], none)).toMatchObject({ complete: true, fetch: [], fetched: plan.fetched });
  });

  it('replaces the Job of a source that is no longer wanted', () => {
    const plan = planCode(
      [{ ...code, source: 's9' }],
      [fetched('code', 's1')],
      [{ job: 'old', name: 'code', source: 's1', outcome: running }],
      none,
    );
    expect(plan).toMatchObject({ complete: false, remove: ['old'], fetched: [] });
    expect(plan.fetch).toHaveLength(1);
  });

  it('does not make a Job that failed again while it is there', () => {
    const plan = planCode([code], [], [{ job: 'j', name: 'code', source: 's1', outcome: failed }], none);
    expect(plan).toMatchObject({ fetch: [], remove: [], complete: false });
    expect(plan.condition).toEqual({
      status: 'False',
      reason: 'SourceNotFound',
      message: 'code from https://example.com/r.git at main: not there',
    });
  });

  it('does not mind a source that is down when the bundle is there', () => {
    const plan = planCode([code], [fetched('code', 's1')], [{ job: 'j', name: 'code', source: 's1', outcome: failed }], none);
    expect(plan).toMatchObject({ complete: true, condition: { status: 'True' } });
  });

  it('fetches again what the store has lost, the same commit, while the function keeps its revision', () => {
    const before = { ...fetched('code', 's1'), commit: 'c0ffee' };
    const plan = planCode([code], [before], [], (digest) => digest === before.digest);
    expect(plan).toMatchObject({
      complete: true,
      fetched: [before],
      fetch: [{ wanted: code, commit: 'c0ffee' }],
      condition: { status: 'Unknown', reason: 'Fetching' },
    });
    expect(plan.condition.message).toContain('for the store has lost it');
  });

  it('deletes the Job first that made what is lost', () => {
    const plan = planCode(
      [code],
      [fetched('code', 's1', 'dd')],
      [{ job: 'j', name: 'code', source: 's1', outcome: done('dd') }],
      () => true,
    );
    expect(plan).toMatchObject({ complete: true, fetch: [], remove: ['j'] });
  });

  it('tells that fetching again failed, and keeps the revision', () => {
    const plan = planCode([code], [fetched('code', 's1')], [{ job: 'j', name: 'code', source: 's1', outcome: failed }], () => true);
    expect(plan).toMatchObject({ complete: true, fetch: [], condition: { status: 'False', reason: 'CodeLost' } });
    expect(plan.condition.message).toContain('the store has lost it, and fetching it again failed: SourceNotFound: ');
  });

  it('does not use code and layers that are too large together', () => {
    const half = 131_072_000;
    const both = (bytes: number) => [fetched('code', 's1'), fetched('layer-0', 's2')].map((one) => ({ ...one, unpackedBytes: bytes }));
    expect(planCode([code, layer], both(half), [], none)).toMatchObject({ complete: true });
    const plan = planCode([code, layer], both(half + 1), [], none);
    expect(plan).toMatchObject({ complete: false, fetch: [], condition: { status: 'False', reason: 'TooLarge' } });
  });

  it('deletes all Jobs when nothing is to be fetched any more', () => {
    expect(planCode([], [], [{ job: 'j', name: 'code', source: 's1', outcome: running }], none).remove).toEqual(['j']);
  });
});
