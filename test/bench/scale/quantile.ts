/**
 * The value that a fraction `q` of the samples does not exceed: the one at rank ⌈q · n⌉. NaN without samples.
 * Example: q 0.99 of 200 samples → the 198th smallest.
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}
