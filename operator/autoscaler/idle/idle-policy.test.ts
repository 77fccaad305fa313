import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GapHistogram } from './gap-histogram.ts';
import { idlePolicy } from './idle-policy.ts';

const history = (...gaps: number[]): GapHistogram => {
  const histogram = new GapHistogram();
  for (const gap of gaps) histogram.add(gap);
  return histogram;
};
const times = (count: number, gap: number): number[] => Array.from({ length: count }, () => gap);

describe('idlePolicy', () => {
  const table: [string, GapHistogram, ReturnType<typeof idlePolicy>][] = [
    ['no history', history(), { keepSeconds: 60, reason: '0 of 4 gaps between calls seen, so idleSeconds 60 holds' }],
    ['too little', history(900, 900, 900), { keepSeconds: 60, reason: '3 of 4 gaps between calls seen, so idleSeconds 60 holds' }],
    [
      'a timer',
      history(896, 901, 900, 899),
      { keepSeconds: 0, prewarmSeconds: 890, untilSeconds: 905, reason: 'of the last 4 gaps 100 % ended from 890 to 905 s' },
    ],
    ['steady calls', history(...times(30, 20)), { keepSeconds: 24, reason: 'of the last 22 gaps 100 % ended within 24 s' }],
    [
      'now and then',
      history(7000, 20_000, 300, 40_000, 90_000, 13_000),
      { keepSeconds: 0, reason: 'the last 6 gaps ended at no time worth a waiting pod' },
    ],
    [
      'once in a fortnight',
      history(...times(5, 1_200_000)),
      { keepSeconds: 60, reason: 'most gaps between calls are longer than 7 days, so idleSeconds 60 holds' },
    ],
    [
      'bursts on the hour',
      history(...times(8, 12), 3590, ...times(8, 12), 3592, ...times(8, 12), 3591),
      {
        keepSeconds: 16,
        prewarmSeconds: 3584,
        untilSeconds: 3596,
        reason: 'of the last 21 gaps 88 % ended within 16 s and 12 % ended from 3584 to 3596 s',
      },
    ],
  ];
  it.each(table)('%s', (_what, seen, plan) => {
    expect(idlePolicy(seen, 60)).toEqual(plan);
  });

  it('waits longer where idleSeconds says that cold starts matter more', () => {
    const seen = history(...times(10, 40), ...times(10, 150));
    expect(idlePolicy(seen, 5).keepSeconds).toBe(0);
    expect(idlePolicy(seen, 600).keepSeconds).toBe(154);
  });

  it('has windows in order, finite and not negative, and says the same for the same history', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 2_000_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 2, max: 86_400 }), (seen, fallback) => {
        const plan = idlePolicy(history(...seen), fallback);
        const { keepSeconds, prewarmSeconds = keepSeconds, untilSeconds = prewarmSeconds } = plan;
        expect(keepSeconds).toBeGreaterThanOrEqual(0);
        expect(prewarmSeconds).toBeGreaterThanOrEqual(keepSeconds);
        expect(untilSeconds).toBeGreaterThanOrEqual(prewarmSeconds);
        expect(Number.isFinite(untilSeconds)).toBe(true);
        expect(idlePolicy(history(...seen), fallback)).toEqual(plan);
      }),
    );
  });
});
