import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Costs, cheapestWindows, type Windows } from './cheapest-windows.ts';
import { type GapBin, GapHistogram } from './gap-histogram.ts';

const costs: Costs = { coldStart: 150, start: 37, leadSeconds: 6, lateSeconds: 4 };
const bin = (low: number, high: number, weight: number): GapBin => ({ low, high, weight });

/** What windows gain, by their definition: gap by gap, with each bin's gaps at a hundred places of it. */
function gainOf(
  { keepSeconds, prewarmSeconds = keepSeconds, untilSeconds = prewarmSeconds }: Windows,
  bins: readonly GapBin[],
  longer: number,
): number {
  let gain = -longer * (keepSeconds + untilSeconds - prewarmSeconds + (untilSeconds > prewarmSeconds ? costs.start : 0));
  for (const { low, high, weight } of bins) {
    if (high <= keepSeconds || (low >= prewarmSeconds && high <= untilSeconds)) gain += weight * costs.coldStart;
    if (untilSeconds > prewarmSeconds && low > prewarmSeconds) gain -= weight * costs.start;
    for (let place = 0.5; place < 100; place += 1) {
      const gap = low + (place / 100) * (high - low);
      gain -= (weight / 100) * (Math.min(gap, keepSeconds) + Math.max(0, Math.min(gap, untilSeconds) - prewarmSeconds));
    }
  }
  return gain;
}

/** Every pair of windows that there is. */
function all(bins: readonly GapBin[]): Windows[] {
  const ends = bins.map(({ high }) => high + costs.lateSeconds);
  return [0, ...ends].flatMap((keepSeconds) => [
    { keepSeconds },
    ...bins
      .map(({ low }) => low - costs.leadSeconds)
      .filter((prewarmSeconds) => prewarmSeconds > keepSeconds)
      .flatMap((prewarmSeconds) =>
        ends.filter((end) => end > prewarmSeconds).map((untilSeconds) => ({ keepSeconds, prewarmSeconds, untilSeconds })),
      ),
  ]);
}

describe('cheapestWindows', () => {
  const table: [string, GapBin[], number, Windows][] = [
    ['no gaps', [], 1, { keepSeconds: 0 }],
    ['a timer: to zero, and back before it', [bin(900, 900, 9)], 1, { keepSeconds: 0, prewarmSeconds: 894, untilSeconds: 904 }],
    ['calls every few seconds: up', [bin(4, 9, 20)], 1, { keepSeconds: 13 }],
    ['a timer of half a minute: not worth another start', [bin(30, 32, 20)], 1, { keepSeconds: 36 }],
    ['gaps all over the day: zero', [bin(2000, 2500, 3), bin(9000, 11_000, 4), bin(30_000, 35_000, 3)], 1, { keepSeconds: 0 }],
    ['bursts, long apart: up within the burst only', [bin(2, 20, 30), bin(5000, 6000, 1), bin(20_000, 24_000, 1)], 1, { keepSeconds: 24 }],
    [
      'a timer that calls twice: both windows',
      [bin(10, 12, 20), bin(888, 890, 20)],
      1,
      { keepSeconds: 16, prewarmSeconds: 882, untilSeconds: 894 },
    ],
  ];
  it.each(table)('%s', (_what, bins, longer, windows) => {
    expect(cheapestWindows(bins, longer, costs)).toEqual(windows);
  });

  it('what is called more often than a cold start is worth stays up, what is called less often does not', () => {
    // Gaps of a Poisson process: the middle of each thousandth of the exponential distribution.
    const poisson = (mean: number): GapBin[] => {
      const histogram = new GapHistogram();
      for (let n = 0; n < 1000; n += 1) histogram.add(-mean * Math.log(1 - (((n * 617) % 1000) + 0.5) / 1000));
      return histogram.bins();
    };
    expect(cheapestWindows(poisson(60), 1, costs).keepSeconds).toBeGreaterThan(120);
    expect(cheapestWindows(poisson(600), 1, costs).keepSeconds).toBe(0);
  });

  const anyBins = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 60 }).map((gaps) => {
    const histogram = new GapHistogram();
    for (const gap of gaps) histogram.add(gap);
    return histogram.bins();
  });

  it('has windows in order, none negative', () => {
    fc.assert(
      fc.property(anyBins, fc.double({ min: 0.1, max: 20, noNaN: true }), (bins, longer) => {
        const { keepSeconds, prewarmSeconds, untilSeconds } = cheapestWindows(bins, longer, costs);
        expect(keepSeconds).toBeGreaterThanOrEqual(0);
        expect(untilSeconds === undefined).toBe(prewarmSeconds === undefined);
        if (prewarmSeconds !== undefined) expect(prewarmSeconds).toBeGreaterThan(keepSeconds);
        if (prewarmSeconds !== undefined) expect(untilSeconds).toBeGreaterThan(prewarmSeconds);
      }),
    );
  });

  it('finds the pair of windows that gains most of all', () => {
    const fewBins = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 14 }).map((gaps) => {
      const histogram = new GapHistogram();
      for (const gap of [...gaps, ...gaps, ...gaps]) histogram.add(gap);
      return histogram.bins();
    });
    fc.assert(
      fc.property(fewBins, (bins) => {
        const gain = gainOf(cheapestWindows(bins, 1, costs), bins, 1);
        const most = Math.max(...all(bins).map((windows) => gainOf(windows, bins, 1)));
        // A bin that lies within the margin of another's window is not counted as in it: worth no more than the margins themselves.
        const margins = (costs.leadSeconds + costs.lateSeconds) * bins.reduce((sum, { weight }) => sum + weight, 1);
        expect(gain).toBeGreaterThan(most - margins - 1);
      }),
      { numRuns: 50 },
    );
  });
});
