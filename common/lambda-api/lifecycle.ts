import { CODE_LOST } from '../api/code.ts';
import type { LullFunction } from '../api/function.ts';
import type { Condition } from '../api/meta.ts';
import { isObserved } from '../api/observed.ts';

/** A function's state in AWS's words, as its waiters read them. */
export interface Lifecycle {
  State: 'Pending' | 'Active' | 'Failed';
  StateReason?: string;
  StateReasonCode?: string;
  LastUpdateStatus: 'InProgress' | 'Successful' | 'Failed';
  LastUpdateStatusReason?: string;
  LastUpdateStatusReasonCode?: string;
}

/**
 * State and LastUpdateStatus from a Function's status. A function at zero pods is Active: its first call wakes it. While new code is fetched or rolled out the old
 * revision serves, so the update is in progress and the function Active; one that has never served is Pending.
 */
export function lifecycle(fn: LullFunction): Lifecycle {
  const { activeRevision, latestRevision } = fn.status ?? {};
  const code = conditionOf(fn, 'CodeReady');
  const revision = conditionOf(fn, 'RevisionReady');
  const isSeen = isObserved(fn) && revision !== undefined;
  const hasServed = activeRevision !== undefined;
  const problem = isSeen ? [code, revision].find((condition) => condition?.status === 'False') : undefined;
  if (!isSeen || (!problem && (latestRevision !== activeRevision || code?.status === 'Unknown' || !hasServed)))
    return hasServed
      ? { State: 'Active', LastUpdateStatus: 'InProgress', LastUpdateStatusReason: 'The function is being updated.' }
      : { State: 'Pending', StateReason: 'The function is being created.', StateReasonCode: 'Creating', LastUpdateStatus: 'InProgress' };
  if (!problem) return { State: 'Active', LastUpdateStatus: 'Successful' };
  const [reason, reasonCode] = [problem.message, reasonCodeOf(problem)];
  // The newest spec is what serves, and its pods have a problem now: the update itself is done.
  if (hasServed && latestRevision === activeRevision && problem !== code)
    return { State: 'Active', StateReason: reason, StateReasonCode: reasonCode, LastUpdateStatus: 'Successful' };
  const failed = { LastUpdateStatus: 'Failed', LastUpdateStatusReason: reason, LastUpdateStatusReasonCode: reasonCode } as const;
  return hasServed && problem.reason !== CODE_LOST
    ? { State: 'Active', ...failed }
    : { State: 'Failed', StateReason: reason, StateReasonCode: reasonCode, ...failed };
}

function conditionOf(fn: LullFunction, type: string): Condition | undefined {
  return fn.status?.conditions?.find((condition) => condition.type === type);
}

/** The nearest of the codes that AWS's API has. */
function reasonCodeOf({ type, reason }: Condition): string {
  if (type === 'CodeReady') return ZIP_REASONS.has(reason) ? 'InvalidZipFileException' : 'InternalError';
  if (/image/i.test(reason)) return 'InvalidImage';
  return /runtime/i.test(reason) ? 'InvalidRuntime' : 'InternalError';
}

const ZIP_REASONS = new Set([
  'DigestMismatch',
  'UnsafePath',
  'UnsafeLink',
  'TooLarge',
  'TooManyFiles',
  'NotAnArchive',
  'EmptyBundle',
  'ReservedName',
]);
