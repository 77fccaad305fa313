/** Maps a value to a place on the page. */
export type Scale = (value: number) => number;

/** Example: linear([0, 10], [100, 0])(5) → 50. */
export function linear([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  return (value) => start + ((value - from) / (to - from || 1)) * (end - start);
}

/**
 * Round values from 0 to `max` for an axis, at most `most` of them above 0: multiples of 1, 2 or 5 times a power of ten.
 * Example: ticks(47, 5) → 0, 10, 20, 30, 40.
 */
export function ticks(max: number, most: number): number[] {
  if (!(max > 0)) return [0];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}
