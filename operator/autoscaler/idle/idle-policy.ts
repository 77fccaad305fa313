import { cheapestWindows, type Windows } from './cheapest-windows.ts';
import type { GapBin, GapHistogram } from './gap-histogram.ts';

/** When a function that nobody calls is up, and why, in words with the figures. */
export interface IdlePlan extends Windows {
  reason: string;
}

/** Chooses a plan from a function's history and the idle time that its spec asks for; pure. */
export type IdlePolicy = (history: GapHistogram, fallbackSeconds: number) => IdlePlan;

/** With fewer gaps than this nothing is learned. A timer is recognised at its fifth call; with 2, 4 or 8 the generated mix differs by less than 0.5 %. */
const FEWEST_GAPS = 4;
/**
 * A cold start is worth this many times idleSeconds of an idle pod: 150 s at 60. The least that a person can have meant with idleSeconds is 1 (waiting longer
 * than a cold start is worth makes no sense). At 2.5 the generated mix costs a few per cent less idle time than fixed, and half of the cold starts are gone;
 * docs/reference/idle-policies.md has the figures.
 */
const COLD_START_PER_IDLE_SECOND = 2.5;
/**
 * A start ahead of a call costs the cluster as much as this many seconds of an idle pod: none is taken away to be back in less. With 5 s chance alone makes pods
 * come and go: on the generated mix 16 % more are started, and cold starts are not fewer.
 */
const START_SECONDS = 40;
/** Nor is one where cold starts matter more: with idleSeconds 600 a pod is not taken away for less than 150 s. */
const START_PER_COLD_START = 0.1;
/** A gap ends up to 4 s before it is seen to (scrape and tick, 2 s each), a tick comes up to 2 s late; the pod's own 0.4 s are within. */
const LEAD_SECONDS = 6;
/** The same 4 s the other way. */
const LATE_SECONDS = 4;
/** One gap more than seen is thought to outlast all others: what was never seen may yet come. */
const UNSEEN_GAPS = 1;

/**
 * The idle policy of `spec.scale.idle: auto`, after the hybrid histogram policy of "Serverless in the Wild" (USENIX ATC'20): pre-warming and keep-alive windows
 * from a function's own gaps, and the fixed idle time where those say nothing. The windows are those that cost least instead of that paper's percentiles;
 * docs/adr/0012 says why.
 */
export const idlePolicy: IdlePolicy = (history, fallbackSeconds) => {
  const { total, beyond } = history;
  const gaps = Math.round(total);
  const fixed = (why: string): IdlePlan => ({ keepSeconds: fallbackSeconds, reason: `${why}, so idleSeconds ${fallbackSeconds} holds` });
  if (gaps < FEWEST_GAPS) return fixed(`${gaps} of ${FEWEST_GAPS} gaps between calls seen`);
  if (beyond > total / 2) return fixed('most gaps between calls are longer than 7 days');
  const coldStart = COLD_START_PER_IDLE_SECOND * fallbackSeconds;
  const bins = history.bins();
  const windows = cheapestWindows(bins, beyond + UNSEEN_GAPS, {
    coldStart,
    start: Math.max(START_SECONDS, coldStart * START_PER_COLD_START),
    leadSeconds: LEAD_SECONDS,
    lateSeconds: LATE_SECONDS,
  });
  return { ...windows, reason: explain(bins, total, windows) };
};

/** Example: "of the last 46 gaps 12 % ended within 20 s and 85 % from 890 to 908 s". */
function explain(bins: readonly GapBin[], total: number, { keepSeconds, prewarmSeconds, untilSeconds }: Windows): string {
  const gaps = Math.round(total);
  const share = (from: number, to: number): string => {
    const within = bins.reduce((sum, { low, high, weight }) => sum + (low >= from && high <= to ? weight : 0), 0);
    return `${Math.round((100 * within) / total)} %`;
  };
  const parts: string[] = [];
  if (keepSeconds > 0) parts.push(`${share(0, keepSeconds)} ended within ${keepSeconds} s`);
  if (prewarmSeconds !== undefined && untilSeconds !== undefined)
    parts.push(`${share(prewarmSeconds, untilSeconds)} ended from ${prewarmSeconds} to ${untilSeconds} s`);
  return parts.length > 0
    ? `of the last ${gaps} gaps ${parts.join(' and ')}`
    : `the last ${gaps} gaps ended at no time worth a waiting pod`;
}
