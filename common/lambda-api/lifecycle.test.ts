import { expect, it } from 'vitest';
import type { LullFunction } from '../api/function.ts';
import type { FunctionStatus } from '../api/function-status.ts';
import { lifecycle } from './lifecycle.ts';

function fn(status: FunctionStatus | undefined, generation = 1): LullFunction {
  return {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'f', generation },
    spec: { code: {} },
    ...(status && { status }),
  };
}
function refreshed(status: FunctionStatus): LullFunction {
  const object = fn(status);
  return { ...object, metadata: { ...object.metadata, annotations: { 'lull.dev/refresh': 'again' } } };
}
const is = (type: string, status: 'True' | 'False' | 'Unknown', reason: string) => ({
  type,
  status,
  reason,
  message: `${reason}!`,
  lastTransitionTime: '',
});
const seen = (conditions: ReturnType<typeof is>[], revisions: Partial<FunctionStatus> = {}): FunctionStatus => ({
  observedGeneration: 1,
  conditions,
  ...revisions,
});
const SAME = { activeRevision: 'f-1', latestRevision: 'f-1' };
const ROLLING = { activeRevision: 'f-1', latestRevision: 'f-2' };
const AT_ZERO = is('RevisionReady', 'True', 'AtZero');
const BROKEN = is('RevisionReady', 'False', 'ImagePullBackOff');

const STATES: [string, LullFunction, object][] = [
  ['just made', fn(undefined), { State: 'Pending', StateReasonCode: 'Creating', LastUpdateStatus: 'InProgress' }],
  [
    'its code is fetched',
    fn(seen([is('CodeReady', 'Unknown', 'Fetching'), is('RevisionReady', 'Unknown', 'WaitingForCode')])),
    { State: 'Pending', LastUpdateStatus: 'InProgress' },
  ],
  [
    'it is to be fetched anew, and nobody has begun',
    refreshed(seen([is('CodeReady', 'True', 'Fetched'), AT_ZERO], SAME)),
    { State: 'Active', LastUpdateStatus: 'InProgress' },
  ],
  [
    'it was fetched anew',
    refreshed(seen([is('CodeReady', 'True', 'Fetched'), AT_ZERO], { ...SAME, observedRefresh: 'again' })),
    { State: 'Active', LastUpdateStatus: 'Successful' },
  ],
  [
    'what serves is lost',
    fn(seen([is('CodeReady', 'False', 'CodeLost'), AT_ZERO], SAME)),
    { State: 'Failed', StateReason: 'CodeLost!', LastUpdateStatus: 'Failed' },
  ],
  ['at zero', fn(seen([AT_ZERO], SAME)), { State: 'Active', LastUpdateStatus: 'Successful' }],
  [
    'at zero, with a bundle',
    fn(seen([is('CodeReady', 'True', 'Fetched'), AT_ZERO], SAME)),
    { State: 'Active', LastUpdateStatus: 'Successful' },
  ],
  ['changed, and not seen yet', fn(seen([AT_ZERO], SAME), 2), { State: 'Active', LastUpdateStatus: 'InProgress' }],
  [
    'new code is fetched',
    fn(seen([is('CodeReady', 'Unknown', 'Fetching'), AT_ZERO], SAME)),
    { State: 'Active', LastUpdateStatus: 'InProgress' },
  ],
  [
    'new code is brought up',
    fn(seen([is('CodeReady', 'True', 'Fetched'), is('RevisionReady', 'Unknown', 'RollingOver')], ROLLING)),
    { State: 'Active', LastUpdateStatus: 'InProgress' },
  ],
  [
    'a zip that is none',
    fn(seen([is('CodeReady', 'False', 'NotAnArchive'), is('RevisionReady', 'False', 'NotAnArchive')])),
    {
      State: 'Failed',
      StateReason: 'NotAnArchive!',
      StateReasonCode: 'InvalidZipFileException',
      LastUpdateStatus: 'Failed',
      LastUpdateStatusReasonCode: 'InvalidZipFileException',
    },
  ],
  [
    'new code cannot be had',
    fn(seen([is('CodeReady', 'False', 'SourceNotFound'), AT_ZERO], SAME)),
    {
      State: 'Active',
      LastUpdateStatus: 'Failed',
      LastUpdateStatusReason: 'SourceNotFound!',
      LastUpdateStatusReasonCode: 'InternalError',
    },
  ],
  [
    'a new revision does not run',
    fn(seen([BROKEN], ROLLING)),
    { State: 'Active', LastUpdateStatus: 'Failed', LastUpdateStatusReasonCode: 'InvalidImage' },
  ],
  [
    'its pods have a problem',
    fn(seen([BROKEN], SAME)),
    { State: 'Active', StateReasonCode: 'InvalidImage', LastUpdateStatus: 'Successful' },
  ],
  [
    'no such runtime',
    fn(seen([is('RevisionReady', 'False', 'RuntimeNotFound')])),
    { State: 'Failed', StateReasonCode: 'InvalidRuntime', LastUpdateStatus: 'Failed' },
  ],
];
it.each(STATES)('%s', (_what, object, expected) => {
  expect(lifecycle(object)).toMatchObject(expected);
});
