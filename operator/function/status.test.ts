import { describe, expect, it } from 'vitest';
import type { LullFunction } from '../../common/api/function.ts';
import type { Deployment, Pod } from './objects.ts';
import { functionStatus, type Observed } from './status.ts';

const now = new Date('2026-11-24T08:00:00.123Z');
const fn = { metadata: { name: 'a', namespace: 'n', generation: 3 }, spec: {} } as unknown as LullFunction;

const deployment = (name: string, replicas: number, readyReplicas = 0, conditions: object[] = []): Deployment =>
  ({ metadata: { name }, spec: { replicas }, status: { readyReplicas, conditions } }) as unknown as Deployment;
const pod = (revision: string, status: object = {}): Pod =>
  ({ metadata: { name: `${revision}-1`, labels: { 'lull.dev/revision': revision } }, status }) as unknown as Pod;
const waiting = (reason: string, lastState?: object): object => ({
  containerStatuses: [{ name: 'function', state: { waiting: { reason } }, ...(lastState && { lastState }) }],
});
const observed = (parts: Partial<Observed>): Observed => ({
  latest: 'a-1',
  active: 'a-1',
  deployments: [deployment('a-1', 0)],
  pods: [],
  domain: 'lull.localhost',
  now,
  ...parts,
});

function ready(parts: Partial<Observed>): string {
  const condition = functionStatus(fn, observed(parts)).conditions?.find(({ type }) => type === 'Ready');
  return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
}

describe('functionStatus', () => {
  it.each<[string, Partial<Observed>, RegExp]>([
    ['at zero it is Ready', {}, /^True AtZero: .*first request/],
    ['waking it is Ready: requests are held and answered', { deployments: [deployment('a-1', 1)] }, /^True Starting: 0 of 1/],
    ['running', { deployments: [deployment('a-1', 2, 1)] }, /^True Running: 1 of 2/],
    ['rolling over', { latest: 'a-2', deployments: [deployment('a-1', 1, 1), deployment('a-2', 1)] }, /^True RollingOver: a-2/],
    [
      'its code is lost',
      { code: { fetched: [], complete: true, condition: { status: 'False', reason: 'CodeLost', message: 'the store has lost it' } } },
      /^False CodeLost: the store has lost it$/,
    ],
    ['refused', { refused: { reason: 'NoRuntime', message: 'make one' } }, /^False NoRuntime: make one$/],
    [
      'an image that is not there',
      { pods: [pod('a-1', waiting('ImagePullBackOff'))] },
      /^False ImagePullBackOff: .*check the name of the image/,
    ],
    [
      'out of memory',
      { pods: [pod('a-1', waiting('CrashLoopBackOff', { terminated: { reason: 'OOMKilled', exitCode: 137 } }))] },
      /^False OutOfMemory: .*limits\.memory/,
    ],
    [
      'an image in whose container the bridge is not found',
      {
        pods: [
          pod(
            'a-1',
            waiting('CrashLoopBackOff', {
              terminated: { exitCode: 128, message: 'exec: "enter": executable file not found in $PATH: unknown' },
            }),
          ),
        ],
      },
      /^False BridgeNotFound: .*set spec\.imageConfig\.bridge to volume/,
    ],
    [
      'the new revision does not run, the old one serves',
      { latest: 'a-2', pods: [pod('a-2', waiting('CrashLoopBackOff', { terminated: { exitCode: 3 } }))] },
      /^False CrashLoopBackOff: .*a-1 goes on serving: .*last exit code 3/,
    ],
    [
      'pods are refused by a quota',
      {
        deployments: [
          deployment('a-1', 1, 0, [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' }]),
        ],
      },
      /^False FailedCreate: pods are refused: exceeded quota/,
    ],
    [
      'no node has room',
      {
        pods: [
          pod('a-1', { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'Insufficient cpu' }] }),
        ],
      },
      /^False Unschedulable: .*Insufficient cpu; lower/,
    ],
  ])('%s', (_name, parts, expected) => {
    expect(ready(parts)).toMatch(expected);
  });

  it('dates a condition by its transition', () => {
    const first = functionStatus(fn, observed({}));
    const later = { ...fn, status: first } as LullFunction;
    const at = (parts: Partial<Observed>) =>
      functionStatus(later, observed({ now: new Date('2026-11-24T09:00:00Z'), ...parts })).conditions?.[1];
    expect(at({ deployments: [deployment('a-1', 1, 1)] })).toMatchObject({ reason: 'Running', lastTransitionTime: '2026-11-24T08:00:00Z' });
    expect(at({ refused: { reason: 'X', message: 'y' } })).toMatchObject({
      lastTransitionTime: '2026-11-24T09:00:00Z',
      observedGeneration: 3,
    });
  });

  it('does not count pods that are going', () => {
    const going = { ...pod('a-1'), metadata: { name: 'x', deletionTimestamp: '2026-11-24T08:00:00Z' } } as unknown as Pod;
    expect(functionStatus(fn, observed({ pods: [going, pod('a-1')] }))).toMatchObject({
      replicas: 1,
      readyReplicas: 0,
      observedGeneration: 3,
    });
  });
});
