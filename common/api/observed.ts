import type { LullFunction } from './function.ts';
import { REFRESH_ANNOTATION } from './names.ts';

/** Whether the status speaks of the function as it is now: of its spec, and of what was asked to be fetched anew. */
export function isObserved({ metadata, status }: LullFunction): boolean {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return false;
  return status?.observedRefresh === metadata.annotations?.[REFRESH_ANNOTATION];
}
