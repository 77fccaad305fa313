import { describe, expect, it } from 'vitest';
import { ScheduleFloors, scheduledFloor } from './schedule.ts';

const office = [
  { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin', min: 5 },
  { cron: '0 18 * * 1-5', timeZone: 'Europe/Berlin', min: 0 },
];
const at = (time: string): number => Date.parse(time);

describe('scheduledFloor', () => {
  it.each([
    ['before eight', '2026-11-24T06:59:59Z', 0],
    ['at eight, which is seven in UTC', '2026-11-24T07:00:00Z', 5],
    ['at noon', '2026-11-24T11:00:00Z', 5],
    ['at six', '2026-11-24T17:00:00Z', 0],
    ['on Sunday, from Friday on', '2026-11-29T11:00:00Z', 0],
    ['in summer, when eight is six in UTC', '2026-07-01T06:00:00Z', 5],
  ])('%s', (_name, time, min) => expect(scheduledFloor(office, at(time)).min).toBe(min));

  it('says which entry it is, and until when', () => {
    const floor = scheduledFloor(office, at('2026-11-24T11:00:00Z'));
    expect(floor.why).toBe('spec.scale.schedule "0 8 * * 1-5" Europe/Berlin');
    expect(floor.until).toBe(at('2026-11-24T17:00:00Z'));
  });

  it('of two at the same time the higher holds, whatever their order', () => {
    const both = [
      { cron: '0 8 * * *', min: 2 },
      { cron: '0 8 * * *', min: 4 },
    ];
    expect(scheduledFloor(both, at('2026-11-24T09:00:00Z')).min).toBe(4);
    expect(scheduledFloor([...both].reverse(), at('2026-11-24T09:00:00Z')).min).toBe(4);
  });

  it('a day that never comes sets no floor', () => {
    expect(scheduledFloor([{ cron: '0 0 30 2 *', min: 3 }], at('2026-11-24T09:00:00Z'))).toEqual({
      min: 0,
      why: undefined,
      until: Number.POSITIVE_INFINITY,
    });
  });

  it.each([
    [{ cron: '61 * * * *', min: 1 }, /schedule\[0\]: "61 \* \* \* \*".*minute: 61/],
    [{ cron: '0 8 * * *', timeZone: 'Mars/Base', min: 1 }, /Mars\/Base/],
    [{ cron: 'a b c d e', min: 1 }, /schedule\[0\]/],
  ])('says what is wrong with %o', (entry, says) => expect(() => scheduledFloor([entry], 0)).toThrow(says));
});

describe('ScheduleFloors', () => {
  it('works one out again when its time comes, or it is changed', () => {
    const floors = new ScheduleFloors();
    expect(floors.at('a/b', office, at('2026-11-24T11:00:00Z')).min).toBe(5);
    expect(floors.at('a/b', office, at('2026-11-24T17:00:00Z')).min).toBe(0);
    expect(floors.at('a/b', [{ cron: '0 8 * * *', min: 7 }], at('2026-11-24T17:00:00Z')).min).toBe(7);
  });
});
