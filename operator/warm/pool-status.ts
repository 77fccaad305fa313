import type { Condition } from '../../common/api/meta.ts';
import type { LullWarmPool, WarmPoolStatus } from '../../common/api/warm-pool.ts';
import type { Problem } from '../function/problems.ts';
import type { Size } from './size.ts';

export interface PoolSeen {
  pool: LullWarmPool;
  size: Size;
  /** Hash of the pod template. */
  template: string;
  /** Pods that are free and ready. */
  free: number;
  problem: Problem | undefined;
  counts: { claims: number; idlePodSeconds: number; savedMilliseconds: number };
  now: number;
}

/** What a WarmPool says of itself; pure. */
export function poolStatus({ pool, size: { size, why }, template, free, problem, counts, now }: PoolSeen): WarmPoolStatus {
  const status = problem ? 'False' : 'True';
  const before = pool.status?.conditions?.[0];
  const condition: Condition = {
    type: 'Ready',
    status,
    reason: problem?.reason ?? (free >= size ? 'Full' : 'Filling'),
    message: problem?.message ?? `${free} of ${size} pods are free`,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  return {
    ...(pool.metadata.generation !== undefined && { observedGeneration: pool.metadata.generation }),
    conditions: [condition],
    size,
    free,
    sizeReason: why,
    template,
    claims: counts.claims,
    idlePodSeconds: Math.round(counts.idlePodSeconds),
    savedMilliseconds: Math.round(counts.savedMilliseconds),
  };
}
