import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolSize } from './size.ts';
import { WakeHistory } from './wake-history.ts';

const NOON = Date.parse('2026-11-25T12:00:00Z');

describe('poolSize', () => {
  it.each<[string, Parameters<typeof poolSize>[0], number, RegExp]>([
    ['three when nothing is said', { runtime: 'r' }, 3, /spec\.size: 3 pods/],
    ['fixed', { runtime: 'r', size: 1 }, 1, /spec\.size: 1 pod$/],
    ['by the clock', { runtime: 'r', schedule: [{ cron: '0 8 * * *', size: 5 }] }, 5, /^spec\.schedule "0 8 \* \* \*" UTC: 5 pods$/],
    ['auto, before any wake', { runtime: 'r', auto: { min: 2 } }, 2, /no wake in the last hour → 2 pods \(spec\.auto\.min 2\)/],
  ])('%s', (_name, spec, size, reason) => {
    const found = poolSize(spec, new WakeHistory(), NOON);
    expect(found.size).toBe(size);
    expect(found.reason).toMatch(reason);
  });

  it('names the field of a schedule that cannot be read', () => {
    expect(() => poolSize({ runtime: 'r', schedule: [{ cron: '0 25 * * *', size: 5 }] }, new WakeHistory(), NOON)).toThrow(
      /^spec\.schedule\[0\]: /,
    );
  });

  it('follows wakes but for the busiest moments, and forgets them after an hour', () => {
    const wakes = new WakeHistory();
    for (const [i, count] of [9, 8, 7, 4, 1].entries()) wakes.add(count, NOON + i * 10_000);
    expect(poolSize({ runtime: 'r', auto: {} }, wakes, NOON + 60_000)).toMatchObject({ size: 4 });
    expect(poolSize({ runtime: 'r', auto: { max: 2 } }, wakes, NOON + 60_000).reason).toMatch(/spec\.auto\.max 2/);
    expect(poolSize({ runtime: 'r', auto: {} }, wakes, NOON + 3_700_000)).toMatchObject({ size: 0 });
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(100), fc.integer({ min: 1, max: 100 }), (counts, min, more) => {
        const max = Math.min(100, min + more);
        const wakes = new WakeHistory();
        for (const [i, count] of counts.entries()) wakes.add(count, NOON + i * 7000);
        const { size } = poolSize({ runtime: 'r', auto: { min, max } }, wakes, NOON + counts.length * 7000);
        expect(size).toBeGreaterThanOrEqual(min);
        expect(size).toBeLessThanOrEqual(max);
      }),
    );
  });
});
