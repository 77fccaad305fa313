import type { GapBin, GapHistogram } from '../../../operator/autoscaler/idle/gap-histogram.ts';
import type { IdlePlan, IdlePolicy } from '../../../operator/autoscaler/idle/idle-policy.ts';

const HEAD = 0.05;
const MARGIN = 0.1;
const REPRESENTATIVE_CV = 2;
const MINUTE = 60;
/** The paper's histogram: 240 bins of a minute. */
const MINUTES = 240;

/**
 * The choice as "Serverless in the Wild" makes it, on our histogram, to be compared with ours: to zero at once, back at the 5th percentile of the gaps less 10 %,
 * until the tail's, their 99th, plus 10 %; a head within the first minute is none, and the pod stays. Where the minutes' counts vary little (coefficient of variation below 2:
 * no peak), or half of the gaps are longer than 4 hours, the fixed idle time holds. Left out: the paper's forecast of such long gaps from their series.
 */
export function percentilePolicy(tail: number): IdlePolicy {
  return (history, fallbackSeconds) => choose(history, fallbackSeconds, tail);
}

function choose(history: GapHistogram, fallbackSeconds: number, tail: number): IdlePlan {
  const bins = history.bins().filter(({ low }) => low < MINUTES * MINUTE);
  const within = bins.reduce((sum, { weight }) => sum + weight, 0);
  if (Math.round(history.total) < 4 || within < history.total / 2 || variation(bins, within) < REPRESENTATIVE_CV)
    return { keepSeconds: fallbackSeconds, reason: 'the fixed idle time' };
  const head = Math.floor((percentile(bins, HEAD * within).low / MINUTE) * (1 - MARGIN)) * MINUTE;
  const until = Math.ceil((percentile(bins, tail * within).high / MINUTE) * (1 + MARGIN)) * MINUTE;
  return head === 0
    ? { keepSeconds: until, reason: 'kept until the tail' }
    : { keepSeconds: 0, prewarmSeconds: head, untilSeconds: until, reason: 'from head to tail' };
}

/** The bin with which so much weight is reached. */
function percentile(bins: readonly GapBin[], weight: number): GapBin {
  let below = 0;
  for (const bin of bins) {
    below += bin.weight;
    if (below >= weight) return bin;
  }
  return bins.at(-1) as GapBin;
}

/**
 * Standard deviation by mean of the counts of the 240 minutes, over which each bin's gaps are spread evenly from its shortest to its longest. Example: all gaps
 * in one minute → √239 = 15.5.
 */
function variation(bins: readonly GapBin[], within: number): number {
  const counts = new Float64Array(MINUTES);
  let end = 0;
  for (const { low, high, weight } of bins) {
    const [first, last] = [Math.floor(low / MINUTE), Math.min(MINUTES - 1, Math.floor(high / MINUTE))];
    for (let minute = first; minute <= last; minute += 1) counts[minute] = (counts[minute] ?? 0) + weight / (last - first + 1);
    end = last + 1;
  }
  let squares = 0;
  for (let minute = 0; minute < end; minute += 1) squares += (counts[minute] ?? 0) ** 2;
  const mean = within / MINUTES;
  return Math.sqrt(squares / MINUTES - mean ** 2) / mean;
}
