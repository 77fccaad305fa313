import type { Pod } from './objects.ts';

/** The kubelet says that it answers. */
export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

/** A pod that is not Ready so long after it was made waits for something else than its turn. */
const STARTING_MILLIS = 30_000;

/** It is coming up. @param now Unix milliseconds */
export function isStarting(pod: Pod, now: number): boolean {
  const { creationTimestamp, deletionTimestamp } = pod.metadata;
  return !deletionTimestamp && !isReady(pod) && !hasEnded(pod) && now - Date.parse(creationTimestamp ?? '') < STARTING_MILLIS;
}

/** Its processes have ended, and are not started again. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
