import { Cron } from 'croner';
import type { ScheduledFloor } from '../../common/api/function-scale.ts';

/** The floor that a schedule sets now. */
export interface FloorNow {
  min: number;
  /** The entry that it comes from, in words; undefined while none has begun yet. */
  why: string | undefined;
  /** Until when this holds, in milliseconds. */
  until: number;
}

/**
 * The floor in force at `now` (ms): that of the entry whose time came last; pure. Example: `0 8 * * 1-5` min 5 and `0 18 * * 1-5` min 0 → 5 from eight to six
 * on weekdays, else 0. Of two at the same time the higher holds. Throws a sentence for an entry that croner cannot read.
 */
export function scheduledFloor(schedule: readonly ScheduledFloor[], now: number): FloorNow {
  let latest = Number.NEGATIVE_INFINITY;
  const floor: FloorNow = { min: 0, why: undefined, until: Number.POSITIVE_INFINITY };
  schedule.forEach(({ cron, timeZone = 'UTC', min }, i) => {
    const job = parse(cron, timeZone, i);
    const last = job.previousRuns(1, new Date(now + 1000))[0]?.getTime();
    const next = job.nextRun(new Date(now))?.getTime();
    if (next !== undefined && next > now) floor.until = Math.min(floor.until, next);
    if (last === undefined || last > now || last < latest || (last === latest && min <= floor.min)) return;
    latest = last;
    floor.min = min;
    floor.why = `spec.scale.schedule "${cron}" ${timeZone}`;
  });
  return floor;
}

function parse(cron: string, timezone: string, i: number): Cron {
  try {
    const job = new Cron(cron, { timezone, paused: true });
    // A time zone that does not exist shows only when it is used.
    job.nextRun();
    return job;
  } catch (error) {
    throw new Error(`spec.scale.schedule[${i}]: "${cron}" in time zone ${timezone}: ${(error as Error).message}`);
  }
}

/** Remembers what was found for each function until it changes: a cron expression need not be worked out every 2 s. */
export class ScheduleFloors {
  readonly #known = new Map<string, { schedule: string; floor: FloorNow }>();

  at(key: string, schedule: readonly ScheduledFloor[], now: number): FloorNow {
    const text = JSON.stringify(schedule);
    const known = this.#known.get(key);
    if (known && known.schedule === text && now < known.floor.until) return known.floor;
    const floor = scheduledFloor(schedule, now);
    this.#known.set(key, { schedule: text, floor });
    return floor;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
