import type { WarmPoolSpec } from '../../common/api/warm-pool.ts';
import { scheduledFloor } from '../autoscaler/schedule.ts';

/** So long it takes until a claimed pod is replaced: what comes within it, the pool must have. */
const REPLACE_MILLIS = 5000;
const HOUR_MILLIS = 3_600_000;

/** How many free pods are wanted, and why, in words. */
export interface Size {
  size: number;
  why: string;
}

/** The size of a pool at `now` (ms); pure. `wakes`: when functions that may use it were woken, in order. Throws a sentence for a schedule that cannot be read. */
export function poolSize({ size = 3, schedule, auto }: WarmPoolSpec, wakes: readonly number[], now: number): Size {
  if (auto) {
    const { min = 0, max = 10 } = auto;
    const most = mostWithin(wakes.filter((at) => now - at <= HOUR_MILLIS));
    return {
      size: Math.max(min, Math.min(max, most)),
      why: `${most} wakes within ${REPLACE_MILLIS / 1000} s at the most, in the last hour; between ${min} and ${max}`,
    };
  }
  if (schedule) {
    const floor = scheduledFloor(
      schedule.map(({ size: min, ...entry }) => ({ ...entry, min })),
      now,
    );
    return floor.why === undefined
      ? { size, why: 'spec.size, until the first time of spec.schedule' }
      : { size: floor.min, why: floor.why.replace('spec.scale.schedule', 'spec.schedule') };
  }
  return { size, why: 'spec.size' };
}

/** The most wakes within any REPLACE_MILLIS. */
function mostWithin(wakes: readonly number[]): number {
  let most = 0;
  let from = 0;
  wakes.forEach((at, to) => {
    while (at - (wakes[from] ?? at) > REPLACE_MILLIS) from += 1;
    most = Math.max(most, to - from + 1);
  });
  return most;
}
