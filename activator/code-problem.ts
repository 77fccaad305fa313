import { CODE_LOST } from '../common/api/code.ts';
import type { LullFunction } from '../common/api/function.ts';
import { isObserved } from '../common/api/observed.ts';

/**
 * Why a function's code could not be fetched, in a condition's one word, when there is no other code to serve with, or that is lost; pure. Undefined while it is fetched, or looked at: a
 * caller waits for that as for any wake. The word alone, for its sentence may hold addresses and the log of a build, which are not every caller's business.
 */
export function codeProblem(fn: LullFunction): string | undefined {
  const { status } = fn;
  // Told of an older spec: this one may be the remedy.
  if (!status || !isObserved(fn)) return undefined;
  const ready = status.conditions?.find(({ type }) => type === 'CodeReady');
  if (ready?.status !== 'False') return undefined;
  return status.activeRevision === undefined || ready.reason === CODE_LOST ? ready.reason : undefined;
}
