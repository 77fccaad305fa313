import type { Done } from '../../support/load.ts';
import { quantile } from './quantile.ts';

type Points = [number, number][];

/**
 * Requests in flight over time, as clients saw them: the mean in each `bucketMillis`, at its middle, in seconds since `from`.
 * Mean of a bucket = Σ over requests of the time they spent in it ÷ its length. Example: 1 s, one request of 0.5 s and two of 1 s in it → 2.5.
 */
export function inFlight(done: readonly Done[], from: number, to: number, bucketMillis = 250): Points {
  const sums = new Array<number>(Math.max(0, Math.ceil((to - from) / bucketMillis))).fill(0);
  for (const { begun, millis } of done) {
    const end = begun + millis;
    const first = Math.max(0, Math.floor((begun - from) / bucketMillis));
    for (let i = first; i < sums.length && from + i * bucketMillis < end; i += 1) {
      const open = Math.max(begun, from + i * bucketMillis);
      const close = Math.min(end, from + (i + 1) * bucketMillis);
      sums[i] = (sums[i] ?? 0) + Math.max(0, close - open);
    }
  }
  return sums.map((sum, i) => [((i + 0.5) * bucketMillis) / 1000, sum / bucketMillis]);
}

/** A quantile of the latencies of what was answered in each second, in ms. Seconds without an answer have no point. */
export function latency(done: readonly Done[], q: number, from: number, to: number): Points {
  const bySecond = new Map<number, number[]>();
  for (const { begun, millis } of done) {
    const second = Math.floor((begun + millis - from) / 1000);
    if (begun < from || begun + millis > to) continue;
    bySecond.set(second, [...(bySecond.get(second) ?? []), millis]);
  }
  return [...bySecond].sort(([a], [b]) => a - b).map(([second, samples]) => [second + 0.5, quantile(samples, q)]);
}

/** Points with their values divided: demand in pods. */
export function dividedBy(points: Points, by: number): Points {
  return points.map(([x, y]) => [x, y / by]);
}
