import type { Condition } from '../../common/api/meta.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import { pods } from '../autoscaler/words.ts';
import type { Problem } from '../function/problems.ts';

/** What a look at a pool has shown. */
export interface PoolLook {
  /** Why there can be no pods, if so. */
  refused?: Problem;
  /** What is wrong with a pod. */
  problem?: Problem;
  seen?: { size: number; sizeReason: string; free: number; template: string; crashes: number };
}

/** The condition Ready of a pool; pure. True while there are as many free pods as there are to be; that some were just taken makes it Unknown. */
export function readyCondition(pool: LullWarmPool, look: PoolLook, now: Date): Condition {
  const undated = { type: 'Ready', ...said(look), observedGeneration: pool.metadata.generation ?? 0 };
  const old = pool.status?.conditions?.find(({ type }) => type === 'Ready');
  const lastTransitionTime = old && old.status === undated.status ? old.lastTransitionTime : now.toISOString().replace(/\.\d+Z$/, 'Z');
  return { ...undated, lastTransitionTime };
}

function said({ refused, problem, seen }: PoolLook): Pick<Condition, 'status' | 'reason' | 'message'> {
  if (refused) return { status: 'False', ...refused };
  if (problem) return { status: 'False', ...problem };
  const { size = 0, free = 0, crashes = 0 } = seen ?? {};
  if (free >= size) return { status: 'True', reason: 'Full', message: size === 0 ? 'no free pod is wanted now' : `${pods(size)} free` };
  if (crashes > 0) {
    const message = `the last ${pods(crashes)} ended as soon as they began; kubectl get events tells of them. Check spec.image and spec.command of the Runtime`;
    return { status: 'False', reason: 'PodsEnd', message };
  }
  return { status: 'Unknown', reason: 'Filling', message: `${free} of ${pods(size)} free` };
}
