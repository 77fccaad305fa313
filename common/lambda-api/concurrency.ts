import { effectiveSpec } from '../api/defaults.ts';
import type { LullFunction } from '../api/function.ts';
import { RESERVED_ANNOTATION } from './annotations.ts';

/** AWS's reserved concurrency: 0 for a function that is stopped, what its pods take together where that was set by Lambda's API; undefined when there is none. */
export function reservedConcurrency({ metadata, spec }: LullFunction): number | undefined {
  if (spec.replicas === 0) return 0;
  return metadata.annotations?.[RESERVED_ANNOTATION] === undefined ? undefined : mostAtOnce(spec);
}

/** How many invocations run at once at most, over all pods. */
export function mostAtOnce(spec: LullFunction['spec']): number {
  const { max, concurrency } = effectiveSpec(spec);
  return max * concurrency;
}
