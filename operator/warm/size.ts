import type { WarmPoolSpec } from '../../common/api/warm-pool.ts';
import { scheduledFloor } from '../autoscaler/schedule.ts';
import { pods } from '../autoscaler/words.ts';
import { SPAN_SECONDS, type WakeHistory } from './wake-history.ts';

/** As the CRD has it, for objects that were stored before a default existed. */
const DEFAULT_SIZE = 3;
const DEFAULT_MAX = 10;

export interface PoolSize {
  size: number;
  /** In words. */
  reason: string;
  /** Until when it holds whatever happens, in milliseconds since 1970. */
  until: number;
}

/** How many free pods a pool is to have at `now` (ms); pure. Throws a sentence for a schedule that cannot be read. */
export function poolSize(spec: WarmPoolSpec, wakes: Pick<WakeHistory, 'need'>, now: number): PoolSize {
  if (spec.auto) return autoSize(spec.auto, wakes, now);
  const size = spec.size ?? DEFAULT_SIZE;
  const fixed = { size, reason: `spec.size: ${pods(size)}`, until: Number.POSITIVE_INFINITY };
  if (!spec.schedule) return fixed;
  const entries = spec.schedule.map(({ size: min, ...when }) => ({ ...when, min }));
  const floor = scheduledFloor(entries, now, 'spec.schedule');
  if (floor.why === undefined) return { ...fixed, until: floor.until };
  return { size: floor.min, reason: `${floor.why}: ${pods(floor.min)}`, until: floor.until };
}

function autoSize(
  { min = 0, max = DEFAULT_MAX }: NonNullable<WarmPoolSpec['auto']>,
  wakes: Pick<WakeHistory, 'need'>,
  now: number,
): PoolSize {
  const { total, need, leftOut } = wakes.need(now);
  const size = Math.min(max, Math.max(min, need));
  const seen =
    total === 0
      ? 'no wake in the last hour'
      : `${total} wakes in the last hour, in all but its ${leftOut} busiest spans of ${SPAN_SECONDS} s at most ${need} in one`;
  const bound = size > need ? ` (spec.auto.min ${min})` : size < need ? ` (spec.auto.max ${max})` : '';
  return { size, reason: `spec.auto: ${seen} → ${pods(size)}${bound}`, until: now + SPAN_SECONDS * 1000 };
}
