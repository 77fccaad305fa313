import type { Pod } from '../function/objects.ts';

/** One that lived for less did not fail at its work. */
const AT_ONCE_MILLIS = 10_000;

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

/** Whether a pod has ended, and if so whether it failed as soon as it began, so that others would, too. */
export function endedHow({ status }: Pod): 'well' | 'at once' | undefined {
  if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return undefined;
  const { startedAt, finishedAt, exitCode } = status.containerStatuses?.[0]?.state?.terminated ?? {};
  const lived = Date.parse(finishedAt ?? '') - Date.parse(startedAt ?? '');
  return status.phase === 'Failed' && exitCode !== 0 && !(lived >= AT_ONCE_MILLIS) ? 'at once' : 'well';
}
