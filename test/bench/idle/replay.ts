import type { IdlePlan, IdlePolicy } from '../../../operator/autoscaler/idle/idle-policy.ts';
import { IdleTracker } from '../../../operator/autoscaler/idle/idle-tracker.ts';
import type { Trace } from './trace.ts';

/** What a policy came to. */
export interface Outcome {
  calls: number;
  /** Calls that had to wait for a pod: there was none, or none that had come up yet. Those that then wait for the same pod are not counted. */
  cold: number;
  /** Pods started, by a call or ahead of one. */
  starts: number;
  /** Seconds that a pod was there without a call. */
  idleSeconds: number;
}

export interface ReplayOptions {
  policy: IdlePolicy;
  idleSeconds: number;
  /** When the trace ends. */
  endSeconds: number;
}

/** The autoscaler's tick. */
export const TICK = 2;
/** Demand is seen so much later: Prometheus scrapes every 2 s. */
export const SEEN_AFTER = 2;
/** And for so much longer: it is averaged over the panic window of 6 s, so that a call between two scrapes is not missed. */
export const SEEN_FOR = 6;
/** From no pod to one that answers (docs/reference/coldstart.md). */
export const COLD_START = 0.4;
/** How long a call runs; the time of its run is not idle. */
export const CALL = 0.1;

/** Replays every function of a trace by itself: each is alone with its pod. */
export function replay(trace: Trace, options: ReplayOptions): Map<string, Outcome> {
  return new Map([...trace].map(([name, times]) => [name, replayFunction(times, options)]));
}

/**
 * One function's calls against a policy, with the operator's own tracker, as its autoscaler would ask it every 2 s. Between two calls only the ticks are looked
 * at in which something changes: a plan holds for the whole of a gap. replay.test.ts compares it with asking at every tick.
 */
export function replayFunction(times: readonly number[], { policy, idleSeconds, endSeconds }: ReplayOptions): Outcome {
  const tracker = new IdleTracker({ fallbackSeconds: idleSeconds, policy });
  const outcome: Outcome = { calls: times.length, cold: 0, starts: 0, idleSeconds: 0 };
  let demandEnd = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < demandEnd) {
      demandEnd = Math.max(demandEnd, time + CALL);
      continue;
    }
    const warm = demandEnd > Number.NEGATIVE_INFINITY && throughGap(tracker, demandEnd, time, outcome);
    if (!warm) outcome.cold += 1;
    demandEnd = time + CALL + (warm ? 0 : COLD_START);
  }
  if (times.length > 0 && demandEnd < endSeconds) throughGap(tracker, demandEnd, endSeconds, outcome);
  // Each cold start began a pod, but for those that met one which was coming up.
  outcome.starts += outcome.cold;
  return outcome;
}

/** From the end of demand to the next call (or the trace's end); true when the call finds a pod that answers. */
function throughGap(tracker: IdleTracker, from: number, to: number, outcome: Outcome): boolean {
  const lastSeen = Math.ceil((from + SEEN_FOR) / TICK) * TICK - TICK;
  const nextSeen = Math.ceil((to + SEEN_AFTER) / TICK) * TICK;
  if (nextSeen - lastSeen <= TICK) {
    outcome.idleSeconds += to - from;
    return true;
  }
  tracker.observe(true, lastSeen * 1000);
  tracker.observe(false, (lastSeen + TICK) * 1000);
  const [kept, prewarmed] = present(tracker.current, lastSeen);
  tracker.observe(true, nextSeen * 1000);
  outcome.idleSeconds += Math.min(to, kept) - from;
  if (to < kept) return true;
  if (!prewarmed || to <= prewarmed.on) return false;
  outcome.idleSeconds += Math.min(to, prewarmed.off) - prewarmed.on;
  outcome.starts += 1;
  if (to >= prewarmed.off) return false;
  if (to >= prewarmed.on + COLD_START) return true;
  outcome.starts -= 1;
  return false;
}

/** The ticks at which a plan takes the pod away, brings it back and takes it away again. */
function present(plan: IdlePlan, lastSeen: number): [kept: number, prewarmed?: { on: number; off: number }] {
  const tick = (seconds: number): number => lastSeen + Math.max(1, Math.ceil(seconds / TICK)) * TICK;
  const kept = tick(plan.keepSeconds);
  if (plan.prewarmSeconds === undefined || plan.untilSeconds === undefined) return [kept];
  const [on, off] = [tick(plan.prewarmSeconds), tick(plan.untilSeconds)];
  if (on <= kept) return [Math.max(kept, off)];
  return off > on ? [kept, { on, off }] : [kept];
}

/** All functions together, or those that a test picks by name. */
export function sum(outcomes: ReadonlyMap<string, Outcome>, picks: (name: string) => boolean = () => true): Outcome {
  const total: Outcome = { calls: 0, cold: 0, starts: 0, idleSeconds: 0 };
  for (const [name, { calls, cold, starts, idleSeconds }] of outcomes) {
    if (!picks(name)) continue;
    total.calls += calls;
    total.cold += cold;
    total.starts += starts;
    total.idleSeconds += idleSeconds;
  }
  return total;
}
