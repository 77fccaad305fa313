import { describe, expect, it } from 'vitest';
import { lostBridge } from './lost-bridge.ts';
import type { ContainerStatus, Pod } from './objects.ts';

const running = { ready: true, restartCount: 0, state: {} };
const waiting = { ready: false, restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } };

function pod(bridge: Partial<ContainerStatus> | undefined, fn: Partial<ContainerStatus>, deletionTimestamp?: string): Pod {
  const containerStatuses = [...(bridge ? [{ ...running, ...bridge, name: 'bridge' }] : []), { ...running, ...fn, name: 'function' }];
  return { metadata: { name: 'p', ...(deletionTimestamp && { deletionTimestamp }) }, status: { containerStatuses } } as Pod;
}

describe('lostBridge', () => {
  it.each<[string, Pod, boolean]>([
    ['all runs', pod({}, {}), false],
    ['the bridge was replaced while the function goes on', pod({ restartCount: 1 }, {}), false],
    ['the function alone is started again', pod({}, waiting), false],
    ['the bridge was replaced and the function does not find it', pod({ restartCount: 1 }, waiting), true],
    ['it has ended and is not waiting yet', pod({ restartCount: 1 }, { state: { terminated: { exitCode: 128 } } }), true],
    ['it is being deleted already', pod({ restartCount: 1 }, waiting, '2026-01-01T00:00:00Z'), false],
    ['a pod of another kind', pod(undefined, waiting), false],
    ['nothing is known yet', { metadata: { name: 'p' } } as Pod, false],
  ])('%s', (_name, one, lost) => {
    expect(lostBridge([one])).toEqual(lost ? ['p'] : []);
  });
});
