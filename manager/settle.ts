import type { LullFunction } from '../common/api/function.ts';

/** Kubernetes tells writes to the second. */
const RECENT_MILLIS = 2000;
/** Watches of the activators are some milliseconds behind, on a busy cluster some tens. */
const BEHIND_MILLIS = 100;

/**
 * For how long an answer about a function should wait, so that every activator has heard of it too: a client that is told that the new code is there, and calls it at
 * once, must not meet the old. Milliseconds; 0 for what was not written just now. @param now Unix milliseconds
 */
export function settleMillis({ metadata }: LullFunction, now: number): number {
  const { managedFields } = metadata as { managedFields?: { time?: string }[] };
  const last = Math.max(0, ...(managedFields ?? []).flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time)])));
  return now - last < RECENT_MILLIS ? BEHIND_MILLIS : 0;
}
