import { describe, expect, it } from 'vitest';
import { poolSize } from './size.ts';

const now = Date.parse('2026-11-25T12:00:00Z');
const ago = (seconds: number): number => now - seconds * 1000;

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
    ['what was more than an hour ago is forgotten', [ago(3702), ago(3701), ago(3700), ago(10)], {}, 1],
  ])('auto: %s', (_, wakes, auto, size) => {
    expect(poolSize({ runtime: 'r', auto }, wakes, now).size).toBe(size);
  });
});
