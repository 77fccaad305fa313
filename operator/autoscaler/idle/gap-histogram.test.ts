import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GapHistogram } from './gap-histogram.ts';

const filledWith = (...gaps: number[]): GapHistogram => {
  const histogram = new GapHistogram();
  for (const gap of gaps) histogram.add(gap);
  return histogram;
};
const anyGap = fc.oneof(fc.double({ min: 0, max: 2e6, noNaN: true }), fc.integer({ min: 0, max: 120 }));
const anyGaps = fc.array(anyGap, { maxLength: 400 });

describe('GapHistogram', () => {
  it('keeps the shortest and the longest gap of a bin', () => {
    const [bin, ...others] = filledWith(896, 901, 900).bins();
    expect(others).toEqual([]);
    expect(bin).toMatchObject({ low: 896, high: 901 });
    expect(bin?.weight).toBeCloseTo(3, 0);
  });

  it('forgets an extreme that does not come again', () => {
    const [bin] = filledWith(840, ...Array.from({ length: 60 }, () => 920)).bins();
    expect(bin?.low).toBeGreaterThan(905);
    expect(bin?.high).toBe(920);
  });

  it('follows a change: after 32 gaps of another length the old ones count half', () => {
    const changed = filledWith(...Array.from({ length: 200 }, () => 10), ...Array.from({ length: 32 }, () => 500));
    const [old, recent] = changed.bins();
    expect(old).toMatchObject({ low: 10, high: 10 });
    expect((old?.weight ?? 0) / (recent?.weight ?? 1)).toBeCloseTo(1, 1);
  });

  it('counts what is longer than its longest bin', () => {
    const histogram = filledWith(60, 800_000);
    expect(histogram.beyond).toBe(1);
    expect(histogram.bins()).toHaveLength(1);
    expect(histogram.total).toBeCloseTo(1.98, 2);
  });

  it('has ordered bins that do not overlap, and no more weight than the series has', () => {
    fc.assert(
      fc.property(anyGaps, (gaps) => {
        const histogram = filledWith(...gaps);
        const bins = histogram.bins();
        expect(bins.length).toBeLessThanOrEqual(60);
        expect(histogram.total).toBeLessThanOrEqual(Math.min(gaps.length, 46.7));
        for (const [index, { low, high, weight }] of bins.entries()) {
          expect(weight).toBeGreaterThan(0);
          expect(low).toBeGreaterThanOrEqual(1);
          expect(high).toBeGreaterThanOrEqual(low);
          expect(low).toBeGreaterThan(bins[index - 1]?.high ?? 0);
        }
      }),
    );
  });

  it('goes through JSON as it is, and goes on from there as it would have', () => {
    fc.assert(
      fc.property(anyGaps, anyGaps, (before, after) => {
        const histogram = filledWith(...before);
        const restored = GapHistogram.from(JSON.parse(JSON.stringify(histogram)));
        for (const gap of after) {
          histogram.add(gap);
          restored.add(gap);
        }
        expect(restored).toEqual(histogram);
        expect(JSON.stringify(restored)).toBe(JSON.stringify(histogram));
        expect(JSON.stringify(restored).length).toBeLessThan(1600);
      }),
    );
  });

  it.each([
    ['not a list', {}],
    ['nothing', undefined],
    ['a negative weight', [0, [3, -1000, 2, 0]]],
    ['a bin that there is not', [0, [60, 1000, 652_531, 0]]],
    ['a gap that is not of its bin', [0, [3, 1000, 90, 0]]],
    ['an entry that is too short', [0, [3, 1000]]],
  ])('begins anew on %s', (_what, json) => {
    expect(GapHistogram.from(json)).toEqual(new GapHistogram());
  });
});
