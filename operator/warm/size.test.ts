import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolSize } from './size.ts';

const now = Date.parse('2026-11-25T12:00:00Z');
const ago = (seconds: number): number => now - seconds * 1000;
const many = (wakes: number, seconds: number): number[] => Array.from({ length: wakes }, () => ago(seconds));

describe('poolSize', () => {
  it('is three when nothing is said, else what is', () => {
    expect(poolSize({ runtime: 'r' }, [], now).size).toBe(3);
    expect(poolSize({ runtime: 'r', size: 0 }, [], now).size).toBe(0);
  });

  it('goes by the clock', () => {
    const schedule = [
      { cron: '0 8 * * *', size: 5 },
      { cron: '0 18 * * *', size: 1 },
    ];
    expect(poolSize({ runtime: 'r', schedule }, [], now)).toEqual({ size: 5, why: 'spec.schedule "0 8 * * *" UTC' });
    expect(poolSize({ runtime: 'r', schedule }, [], now + 7 * 3_600_000).size).toBe(1);
    expect(() => poolSize({ runtime: 'r', schedule: [{ cron: 'x x x x x', size: 1 }] }, [], now)).toThrow('schedule[0]');
  });

  it.each<[string, number[], { min?: number; max?: number }, number]>([
    ['nothing woken', [], {}, 0],
    ['never fewer than min', [], { min: 2 }, 2],
    ['one at a time', [ago(300), ago(200), ago(100)], {}, 1],
    ['three within 5 s', [ago(1000), ago(104), ago(102), ago(100)], {}, 3],
    ['never more than max', Array.from({ length: 50 }, () => ago(60)), { max: 4 }, 4],
    ['a burst is whole at first', [ago(62), ago(61), ago(60)], {}, 3],
    ['what was more than an hour ago is forgotten', [ago(3702), ago(3701), ago(3700), ago(10)], {}, 1],
    ['one wake is remembered for the whole hour', [ago(3599)], {}, 1],
    ['a younger burst that asks for more', [...many(8, 1800), ...many(5, 60)], {}, 5],
    ['an older one that still does', [...many(8, 1800), ...many(3, 60)], {}, 4],
  ])('auto: %s', (_, wakes, auto, size) => {
    expect(poolSize({ runtime: 'r', auto }, wakes, now).size).toBe(size);
  });

  it('auto: half an hour after a burst half of it is left, and after an hour nothing', () => {
    const wakes = many(8, 0);
    const at = (minutes: number): number => poolSize({ runtime: 'r', auto: {} }, wakes, now + minutes * 60_000).size;
    expect([0, 7, 8, 15, 30, 45, 52, 53, 59, 60, 90].map(at)).toEqual([8, 8, 7, 6, 4, 2, 2, 1, 1, 0, 0]);
    // What it costs: keeping all 8 for the hour would be 480 pod-minutes.
    expect(Array.from({ length: 61 }, (_, minute) => at(minute)).reduce((sum, size) => sum + size, 0)).toBeLessThan(0.6 * 480);
    expect(poolSize({ runtime: 'r', auto: {} }, wakes, now + 1_800_000).why).toBe(
      '8 wakes within 5 s 30 min ago, of which 4 may come again; between 0 and 10',
    );
  });

  it('auto: without a new wake it only shrinks, and no more wakes ever ask for less', () => {
    const times = fc.array(fc.integer({ min: 0, max: 7200 }), { maxLength: 30 }).map((ages) => ages.sort((a, b) => b - a).map(ago));
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 4000 }), fc.nat(5), (wakes, later, more) => {
        const size = (of: number[], at: number): number => poolSize({ runtime: 'r', auto: { max: 100 } }, of, at).size;
        expect(size(wakes, now + later * 1000)).toBeLessThanOrEqual(size(wakes, now));
        expect(size([...wakes, ...many(more, 0)], now)).toBeGreaterThanOrEqual(size(wakes, now));
      }),
    );
  });
});
