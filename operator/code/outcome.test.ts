import { describe, expect, it } from 'vitest';
import type { Job, Pod } from '../function/objects.ts';
import { outcomeOf } from './outcome.ts';

const DIGEST = 'd'.repeat(64);
const job = (conditions: object[] = []): Job => ({ metadata: { name: 'j', uid: 'job-1' }, status: { conditions } }) as unknown as Job;
const failed = (reason = 'PodFailurePolicy', message = 'Container fetch for pod failed') =>
  job([{ type: 'Failed', status: 'True', reason, message }]);
const pod = (status: object, metadata: object = {}): Pod =>
  ({
    metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z', ownerReferences: [{ uid: 'job-1' }], ...metadata },
    status,
  }) as unknown as Pod;
const ended = (name: string, exitCode: number, message = '', reason = 'Error') => ({
  name,
  state: { terminated: { exitCode, message, reason } },
});
const success = JSON.stringify({ digest: DIGEST, bytes: 10, unpackedBytes: 20, files: 2, commit: 'c0ffee' });
const error = (code: string, message: string) => JSON.stringify({ error: { code, message } });
const told = (of: Job, ...pods: Pod[]): string => {
  const outcome = outcomeOf(of, pods);
  if (outcome.kind === 'fetched') return `fetched ${outcome.digest}`;
  return outcome.kind === 'running'
    ? `running: ${outcome.message}`
    : `${outcome.final ? 'final' : 'passing'} ${outcome.code}: ${outcome.message}`;
};

describe('outcomeOf', () => {
  it('knows what was fetched from pack, before the Job is said to be complete', () => {
    const one = pod({ containerStatuses: [ended('pack', 0, success, 'Completed')] });
    expect(outcomeOf(job(), [one])).toEqual({ kind: 'fetched', digest: DIGEST, bytes: 10, unpackedBytes: 20, commit: 'c0ffee' });
  });

  it('is what a registry says of an image', () => {
    const image = { reference: `you/app@sha256:${DIGEST}`, entryPoint: ['/main'], command: [], path: '/bin', more: 1 };
    const one = pod({ containerStatuses: [ended('inspect', 0, JSON.stringify({ digest: DIGEST, image }), 'Completed')] });
    const { more, ...facts } = image;
    expect(outcomeOf(job(), [one])).toEqual({ kind: 'fetched', digest: DIGEST, bytes: 0, unpackedBytes: 0, image: facts });
  });

  it.each<[string, Job, Pod[], RegExp]>([
    ['nothing yet', job(), [], /^running: Job j starts$/],
    ['a pod that starts', job(), [pod({ phase: 'Pending' })], /^running: pod p starts$/],
    ['fetch runs', job(), [pod({ initContainerStatuses: [{ name: 'fetch', state: { running: {} } }] })], /^running: pod p runs fetch$/],
    [
      'an image that is not there',
      job(),
      [pod({ initContainerStatuses: [{ name: 'build', state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }] })],
      /^running: .*container build: ErrImagePull.*not found/,
    ],
    [
      'no node',
      job(),
      [pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'Insufficient memory' }] })],
      /^running: .*finds no node: Insufficient memory/,
    ],
    [
      'a wrong digest',
      failed(),
      [pod({ initContainerStatuses: [ended('fetch', 2, error('DigestMismatch', 'the archive has another digest'))] })],
      /^final DigestMismatch: the archive has another digest \(tried again 10 minutes/,
    ],
    [
      'a source that is down, for now',
      job(),
      [pod({ initContainerStatuses: [ended('fetch', 1, error('SourceUnavailable', 'no answer'))] })],
      /^passing SourceUnavailable: no answer \(tried again\)$/,
    ],
    [
      'a build that fails',
      failed('BackoffLimitExceeded'),
      [pod({ initContainerStatuses: [ended('fetch', 0), ended('build', 1, 'ERROR: No matching distribution found for nothere==9\n')] })],
      /^final BuildFailed: the build ended with exit code 1: ERROR: No matching distribution found for nothere==9 \(/,
    ],
    [
      'a build out of memory',
      failed(),
      [pod({ initContainerStatuses: [ended('build', 137, '', 'OOMKilled')] })],
      /^final BuildFailed: .*builds\.resources/,
    ],
    [
      'too slow',
      failed('DeadlineExceeded'),
      [pod({ initContainerStatuses: [ended('fetch', 1, error('SourceUnavailable', 'no answer'))] })],
      /^final FetchTimeout: .*activeDeadlineSeconds.*no answer/,
    ],
    [
      'one that says nothing',
      failed(),
      [pod({ initContainerStatuses: [ended('fetch', 139)] })],
      /^final FetchFailed: fetch ended with exit code 139: it said nothing/,
    ],
    [
      'an error that is none',
      failed(),
      [pod({ initContainerStatuses: [ended('fetch', 2, '{"error":{"code":"not a reason","message":"m"}}')] })],
      /^final FetchFailed/,
    ],
    [
      'evicted',
      failed(),
      [pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on ephemeral-storage' })],
      /^final Evicted: The node was low/,
    ],
    ['a digest that is none', job(), [pod({ containerStatuses: [ended('pack', 0, '{"digest":"x"}')] })], /^running/],
  ])('%s', (_what, of, pods, expected) => expect(told(of, ...pods)).toMatch(expected));

  it('tells of the newest failure, and leaves out pods of another Job', () => {
    const old = pod({ initContainerStatuses: [ended('fetch', 1, error('SourceUnavailable', 'old'))] });
    const fresh = pod(
      { initContainerStatuses: [ended('fetch', 1, error('SourceRefused', 'new'))] },
      { creationTimestamp: '2026-01-01T00:01:00Z' },
    );
    const other = pod({ containerStatuses: [ended('pack', 0, success)] }, { ownerReferences: [{ uid: 'job-0' }] });
    expect(told(job(), old, fresh, other)).toMatch(/^passing SourceRefused: new/);
  });
});
