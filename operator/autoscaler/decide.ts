import type { EffectiveSpec } from '../../common/api/defaults.ts';

/** What Prometheus tells of one function. */
export interface Observation {
  /** Time-weighted mean of demand (held + running requests) over the stable and the panic window. */
  stable: number;
  panic: number;
  /** Demand at the newest sample. */
  now: number;
  /** Age of the newest sample, in milliseconds. */
  ageMillis: number;
  /** False when part of those who count did not answer: such figures may raise, never lower. */
  complete: boolean;
}

/** What `decide` remembers of a function from one call to the next. */
export interface DecideState {
  /** Since when every sample was zero, in milliseconds on the clock of `now`. */
  zeroSince?: number;
  /** Until when nothing is scaled down, for a burst was seen. */
  panicUntil?: number;
  /** It had no pods when last looked at. */
  asleep?: boolean;
  /** Since when it has pods. */
  awakeSince?: number;
}

/** What `decide` needs to know of the function besides. */
export interface Subject extends EffectiveSpec {
  /** spec.replicas: fixed by a person or their HPA. */
  fixed?: number;
  /** Pods wanted now: the Deployment's spec.replicas. */
  replicas: number;
}

export interface Decision {
  desired: number;
  /** Why, in words, with the figures. */
  reason: string;
  state: DecideState;
}

/** A sample older than this says nothing of now: five scrapes at 2 s. */
const STALE_MILLIS = 10_000;
/** Panic begins when the panic window asks for this many times the pods there are, as Knative's panic-threshold-percentage of 200. */
const PANIC_FACTOR = 2;

/**
 * How many pods a function is to have; pure.
 *
 * pods(demand) = ceil(demand / target). Example: demand 23.4, target 10 → ceil(2.34) = 3.
 * Up at once, by the larger of the two windows while they panic; down by the stable window only, and never while panicking, on a sample that is missing,
 * old or incomplete. To zero only after idleSeconds in which every sample was a real zero. From zero the activator wakes it, not the autoscaler.
 */
export function decide(observation: Observation | undefined, before: DecideState, subject: Subject, now: number): Decision {
  const { replicas, min, max } = subject;
  if (subject.fixed !== undefined) return { desired: subject.fixed, reason: `fixed at ${pods(subject.fixed)} by spec.replicas`, state: {} };
  const state: DecideState = { ...before };
  // Woken by many requests at once: their mean over the stable window is still near zero and would take the pods away at once.
  if (before.asleep && replicas > 1) state.panicUntil = now + subject.stableWindowSeconds * 1000;
  state.asleep = replicas === 0;
  if (replicas === 0) delete state.awakeSince;
  else state.awakeSince ??= now;
  const floor = clamp(replicas, min, max);
  if (!observation || observation.ageMillis > STALE_MILLIS) {
    delete state.zeroSince;
    const why = observation ? `the newest sample is ${(observation.ageMillis / 1000).toFixed(0)} s old` : 'no sample from Prometheus';
    return { desired: floor, reason: `held at ${pods(floor)}: ${why}`, state };
  }
  const zero = observation.now === 0 && observation.panic === 0 && observation.complete;
  if (zero) state.zeroSince ??= now;
  else delete state.zeroSince;
  if (replicas === 0)
    return { desired: min, reason: min > 0 ? `at least ${pods(min)} by spec.scale.min` : 'at zero; the first request wakes it', state };
  return (zero && idle(subject, state, now)) || busy(observation, subject, state, now);
}

/**
 * To zero (or spec.scale.min) when the idle time is over, and until then the last pod stays; more than one are lowered as if they were busy (undefined).
 * A pod just woken counts its idle time from when it was first seen.
 */
function idle(subject: Subject, state: DecideState, now: number): Decision | undefined {
  const { replicas, min, max, idleSeconds } = subject;
  const since = Math.max(state.zeroSince ?? now, state.awakeSince ?? now);
  const idleMillis = now - since;
  if (idleMillis >= idleSeconds * 1000) {
    return {
      desired: min,
      reason: `idle for ${(idleMillis / 1000).toFixed(0)} s (idleSeconds ${idleSeconds}) → ${min === 0 ? 'zero' : pods(min)}`,
      state,
    };
  }
  if (replicas > 1) return undefined;
  const kept = clamp(replicas, min, max);
  return { desired: kept, reason: `no demand for ${(idleMillis / 1000).toFixed(0)} s; ${pods(kept)} until ${idleSeconds} s`, state };
}

function busy(observation: Observation, subject: Subject, state: DecideState, now: number): Decision {
  const { replicas, min, max, stableWindowSeconds, panicWindowSeconds } = subject;
  const target = subject.metrics[0]?.target ?? 1;
  // Its last pod goes by idling only, never by a mean below one.
  const stable = Math.max(1, wanted(observation.stable, target));
  const burst = Math.max(wanted(observation.panic, target), wanted(observation.now, target));
  if (burst >= PANIC_FACTOR * replicas) state.panicUntil = now + stableWindowSeconds * 1000;
  const panicking = (state.panicUntil ?? 0) > now;
  if (!panicking) delete state.panicUntil;
  const raw = panicking ? Math.max(replicas, burst, stable) : stable;
  const lower = raw < replicas && !observation.complete ? replicas : raw;
  const desired = clamp(lower, min, max);
  const limit = desired < lower ? ` (spec.scale.max ${max})` : desired > lower ? ` (spec.scale.min ${min})` : '';
  const [demand, seconds] = panicking
    ? [Math.max(observation.panic, observation.now), panicWindowSeconds]
    : [observation.stable, stableWindowSeconds];
  const held = lower > raw ? ', not lowered: an activator did not answer' : panicking ? ', a burst: nothing is lowered' : '';
  return { desired, reason: `demand ${demand.toFixed(1)} over ${seconds} s / target ${target} → ${pods(desired)}${limit}${held}`, state };
}

/** Pods for a demand; a hair over a whole number is not another pod (rates are not exact). Example: 10.01 / 10 → 1; 10.6 / 10 → 2. */
function wanted(demand: number, target: number): number {
  return Math.max(0, Math.ceil(demand / target - 0.05));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), Math.max(min, max));
}

function pods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`;
}
