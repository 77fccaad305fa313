import type { WarmPoolSpec } from '../../common/api/warm-pool.ts';
import { scheduledFloor } from '../autoscaler/schedule.ts';

/** So long it takes until a claimed pod is replaced: what comes within it, the pool must have. */
const REPLACE_MILLIS = 5000;
/** So long a burst is remembered. */
export const MEMORY_MILLIS = 3_600_000;

/** How many free pods are wanted, and why, in words. */
export interface Size {
  size: number;
  why: string;
}

/** The size of a pool at `now` (ms); pure. `wakes`: when functions that may use it were woken, in order. Throws a sentence for a schedule that cannot be read. */
export function poolSize({ size = 3, schedule, auto }: WarmPoolSpec, wakes: readonly number[], now: number): Size {
  if (auto) return autoSize(auto, wakes, now);
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

/**
 * The most that any REPLACE_MILLIS of the last hour still ask for.
 *
 * The model: what woke so many functions comes again, once, at a time within the hour after it that is as likely as any other. Of an hour of which a part is over without it, the part that is left is
 * the chance that it is still to come, and that part of its wakes is what may be expected: n wakes ask for n pods at once, for n/2 after half an hour, for none after an hour. The sum of that is, but for rounding, half the pod-seconds of
 * keeping n for the hour. Rounded up: one function that wakes every 50 minutes has its pod.
 */
function autoSize({ min = 0, max = 10 }: NonNullable<WarmPoolSpec['auto']>, wakes: readonly number[], now: number): Size {
  const burst = strongest(wakes, now);
  const size = Math.max(min, Math.min(max, Math.ceil(burst.expected)));
  if (burst.expected === 0) return { size, why: `no wake in the last hour; between ${min} and ${max}` };
  const [minutes, left] = [Math.round((now - burst.at) / 60_000), Math.ceil(burst.expected)];
  const why = `${burst.wakes} wakes within ${REPLACE_MILLIS / 1000} s ${minutes} min ago, of which ${left} may come again; between ${min} and ${max}`;
  return { size, why };
}

interface Burst {
  wakes: number;
  /** When the last of them came. */
  at: number;
  /** So many of them may be expected again. */
  expected: number;
}

/** The window that asks for the most, each counted at its last wake. Example: 8 wakes 30 min ago and 3 now → 4 by the former. */
function strongest(wakes: readonly number[], now: number): Burst {
  let best: Burst = { wakes: 0, at: now, expected: 0 };
  let from = 0;
  wakes.forEach((at, to) => {
    while (at - (wakes[from] ?? at) > REPLACE_MILLIS) from += 1;
    const count = to - from + 1;
    const expected = count * Math.max(0, 1 - (now - at) / MEMORY_MILLIS);
    if (expected > best.expected) best = { wakes: count, at, expected };
  });
  return best;
}
