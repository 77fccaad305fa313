import type { GapBin } from './gap-histogram.ts';

/** When a pod is there after demand has ended, in seconds since then: from 0 to keepSeconds, and again from prewarmSeconds to untilSeconds. */
export interface Windows {
  keepSeconds: number;
  prewarmSeconds?: number;
  untilSeconds?: number;
}

/** What is weighed, all in seconds of one idle pod. */
export interface Costs {
  /** One call that has to wait for a pod. */
  coldStart: number;
  /** One pod that is started ahead of a call. */
  start: number;
  /** So much earlier than the earliest call a pod is started. */
  leadSeconds: number;
  /** So much longer than for the latest call it stays. */
  lateSeconds: number;
}

/**
 * The windows that cost least, for gaps that are as those seen: of all pairs of windows that begin and end where bins do, the one with the largest
 *
 *   gain = coldStart · (gaps that end in a window) - (pod-seconds idle in it) - start · (gaps that last until the second one)
 *
 * where the pod-seconds idle until t are the sum of min(gap, t) over all gaps. `longer` are gaps thought to outlast every bin: they make late windows dear.
 * So a pod is there while a call is likely enough (more than 1 / coldStart a second), which is why what is called often stays up for longer than what is
 * called seldom. One pass: the best second window ending at a bin goes with the best beginning before it.
 *
 * Example: 9 gaps of 900 s, `longer` 1, coldStart 150, start 37, lead 6, late 4. Up from 894 to 904 s: 9 · 150 - (9 · 6 + 1 · 10) - 10 · 37 = 916 gained.
 * Up all the time until 904 s: 1350 - (9 · 900 + 904) < 0. So to zero at once, and back from 894 to 904 s.
 */
export function cheapestWindows(bins: readonly GapBin[], longer: number, costs: Costs): Windows {
  const idle = idleTimes(bins, longer);
  let alive = bins.reduce((sum, { weight }) => sum + weight, longer);
  let warm = 0;
  let keep = { gain: 0, seconds: 0 };
  let opened = { gain: Number.NEGATIVE_INFINITY, keepSeconds: 0, prewarmSeconds: 0 };
  let best: { gain: number; windows: Windows } = { gain: 0, windows: { keepSeconds: 0 } };
  bins.forEach(({ low, high, weight }, index) => {
    const from = low - costs.leadSeconds;
    const before = keep.gain - costs.coldStart * warm + idle(from, index) - costs.start * alive;
    if (from > keep.seconds && before > opened.gain) opened = { gain: before, keepSeconds: keep.seconds, prewarmSeconds: from };
    warm += weight;
    alive -= weight;
    const until = high + costs.lateSeconds;
    const gain = costs.coldStart * warm - idle(until, index);
    if (opened.gain + gain > best.gain) {
      const { keepSeconds, prewarmSeconds } = opened;
      best = { gain: opened.gain + gain, windows: { keepSeconds, prewarmSeconds, untilSeconds: until } };
    }
    if (gain > keep.gain) keep = { gain, seconds: until };
    if (gain > best.gain) best = { gain, windows: { keepSeconds: until } };
  });
  return best.windows;
}

/**
 * The pod-seconds idle until some time: the sum of min(gap, seconds) over all gaps. `near` is a bin close to that time: those long before it count with their
 * mean, those long after with the time itself, so that only its neighbours are looked at (all bins at each of 1.4 million gaps took half of the simulator's time).
 */
function idleTimes(bins: readonly GapBin[], longer: number): (seconds: number, near: number) => number {
  /** Of the bins before each: what their gaps sum up to; and the weight of it and those after, and of what is longer. */
  const ended: number[] = [0];
  const lasting: number[] = [bins.reduce((sum, { weight }) => sum + weight, longer)];
  bins.forEach(({ low, high, weight }, index) => {
    ended.push((ended[index] as number) + (weight * (low + high)) / 2);
    lasting.push((lasting[index] as number) - weight);
  });
  return (seconds, near) => {
    let first = near;
    while (first > 0 && (bins[first - 1] as GapBin).high > seconds) first -= 1;
    let next = first;
    let sum = ended[first] as number;
    for (let bin = bins[next]; bin && bin.low < seconds; bin = bins[next]) {
      sum += bin.weight * meanUntil(bin, seconds);
      next += 1;
    }
    return sum + (lasting[next] as number) * seconds;
  };
}

/** The mean of min(gap, seconds) over a bin whose gaps lie evenly between its extremes. Example: 10 to 20 s, until 15 s → 15 - 5² / 20 = 13.75 s. */
function meanUntil({ low, high }: GapBin, seconds: number): number {
  if (seconds <= low) return seconds;
  if (seconds >= high) return (low + high) / 2;
  return seconds - (seconds - low) ** 2 / (2 * (high - low));
}
