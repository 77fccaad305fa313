import type { EffectiveSpec } from '../../common/api/defaults.ts';
import { type Ask, ask, present } from './ask.ts';
import { podsUp } from './need.ts';
import type { Live, Observation } from './observation.ts';
import { metricName, pods, seconds } from './words.ts';

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
  /** The most pods that were wanted, by time, falling: the first is the most within the scale-down delay. */
  wanted?: readonly { at: number; pods: number }[];
}

/** What `decide` needs to know of the function besides. */
export interface Subject extends EffectiveSpec {
  /** A number fixed by a person or their HorizontalPodAutoscaler, and by what. */
  fixed?: { pods: number; by: string };
  /** Pods wanted now: the Deployment's spec.replicas; and those of them that are Ready. */
  replicas: number;
  ready: number;
  /** Never fewer than this, and why: spec.scale.min, the schedule, or a prediction. */
  floor: { pods: number; why: string };
  /** Whether the idle time is predicted, and then whether a pod is to be there while nobody calls. */
  idlePlan?: { up: boolean; reason: string };
  /** Why there is no observation, when that is not Prometheus' fault. */
  unseen?: string;
}

export interface Decision {
  desired: number;
  /** What it stands on: a value in words, and the window that it is the mean of. */
  demand: string;
  window: string;
  /** Why, in words, with the figures. */
  reason: string;
  panicking: boolean;
  state: DecideState;
}

/** What a pod was just woken for shows in Prometheus after two scrapes and a window; until then no prediction takes the pod away. */
const JUST_WOKEN_MILLIS = 10_000;
/** Panic begins when the present asks for this many times the pods there are, as Knative's panic-threshold-percentage of 200. */
const PANIC_FACTOR = 2;

/**
 * How many pods a function is to have; pure.
 *
 * pods(value) = ceil(value / target), for each metric; the highest wins. Example: demand 23.4, target 10 → ceil(2.34) = 3.
 * Up at once, by the stable window, the panic window or what the activators say themselves, whichever asks for most; down by both windows only, to no less than was
 * wanted within the scale-down delay, and never while panicking, on a sample that is missing, old or incomplete, or on a metric that cannot be read. To zero only
 * after the idle time in which every sample was a real zero.
 */
export function decide(
  observation: Observation | undefined,
  live: Live | undefined,
  before: DecideState,
  subject: Subject,
  now: number,
): Decision {
  const { replicas, fixed } = subject;
  // At zero the mean is of what was before it.
  const { stable, now: present } = observation?.demand ?? { stable: undefined, now: undefined };
  const figure = replicas === 0 ? present : stable;
  const demand = figure === undefined ? 'unknown' : `${figure.toFixed(1)} requests`;
  const window = replicas === 0 ? 'now' : seconds(subject.stableWindowSeconds);
  const as = (desired: number, reason: string, state: DecideState): Decision => ({
    desired,
    demand,
    window,
    reason,
    panicking: false,
    state,
  });
  if (fixed) return as(fixed.pods, `left alone: fixed at ${pods(fixed.pods)} by ${fixed.by}`, {});
  if (subject.paused) return as(replicas, `paused at ${pods(replicas)} by spec.scale.paused`, {});

  const state = begin(before, subject, now);
  const fresh = observation && observation.ageMillis <= observation.staleMillis ? observation : undefined;
  if (!fresh) {
    delete state.zeroSince;
    const decision = blind(observation, live, subject);
    // Prometheus, when it comes, has not seen this burst in its windows: it must not take the pods away by them.
    if (decision.panicking && replicas > 0 && decision.desired >= PANIC_FACTOR * replicas)
      state.panicUntil = now + subject.stableWindowSeconds * 1000;
    return { ...decision, state };
  }

  const zero = isZero(fresh, live);
  if (zero) state.zeroSince ??= now;
  else delete state.zeroSince;
  if (replicas === 0) return asleep(fresh, subject, as, state);
  const idling = zero ? idle(subject, state, now) : undefined;
  return idling ? as(idling.desired, idling.reason, state) : busy(fresh, live, subject, state, now);
}

function begin(before: DecideState, { replicas, stableWindowSeconds }: Subject, now: number): DecideState {
  const state: DecideState = { ...before };
  // Woken by many requests at once: their mean over the stable window is still near zero and would take the pods away at once.
  if (before.asleep && replicas > 1) state.panicUntil = now + stableWindowSeconds * 1000;
  state.asleep = replicas === 0;
  if (replicas === 0) delete state.awakeSince;
  else state.awakeSince ??= now;
  return state;
}

/** Nothing usable from Prometheus: held where it is, and raised by what the activators say themselves. */
function blind(observation: Observation | undefined, live: Live | undefined, subject: Subject): Omit<Decision, 'state'> {
  const { replicas, floor, max } = subject;
  const why = observation
    ? `the newest sample is ${(observation.ageMillis / 1000).toFixed(0)} s old`
    : (subject.unseen ?? 'no sample from Prometheus');
  const held = clamp(replicas, floor.pods, max);
  const target = subject.metrics.find(({ type }) => type === 'concurrency')?.target;
  // From zero the activator wakes it.
  const asked = live && target !== undefined && replicas > 0 ? podsUp(present(live), target) : 0;
  if (!live || asked <= held) {
    return { desired: held, demand: 'unknown', window: 'now', reason: `held at ${pods(held)}: ${why}`, panicking: false };
  }
  const desired = clamp(Math.min(asked, fastest(subject)), floor.pods, max);
  const figure = `${present(live).toFixed(1)} requests`;
  const reason = `${figure} by the activators' own figures / target ${target} → ${pods(desired)}: ${why}`;
  return { desired, demand: figure, window: 'now', reason, panicking: true };
}

/** A real zero: everybody answered, nothing is held or running, and no other metric asks for anything. */
function isZero({ demand, metrics, complete }: Observation, live: Live | undefined): boolean {
  if (!complete || demand.now !== 0 || demand.panic !== 0) return false;
  if (live && live.held + live.running > 0) return false;
  return metrics.every((reading) => !('error' in reading) && reading.now <= 0 && reading.panic <= 0);
}

/**
 * At zero. For a request the activator wakes it, by one patch to spec.scale.initial, and is not done again here: what it said of held requests may be from a moment before
 * they were answered and the function put to sleep. Here it is brought up for a metric of its own, for a floor, and for a call that is foreseen.
 */
function asleep(
  observation: Observation,
  subject: Subject,
  as: (desired: number, reason: string, state: DecideState) => Decision,
  state: DecideState,
): Decision {
  const { floor, max, metrics, initial, idlePlan } = subject;
  const asks = metrics.flatMap((metric, i): { pods: number; words: string }[] => {
    const reading = observation.metrics[i];
    if (metric.type !== 'prometheus' || !reading || 'error' in reading || reading.now <= 0) return [];
    // However little there is of it: at zero there is nobody to take it.
    const wanted = Math.max(1, podsUp(reading.now, metric.target));
    return [{ pods: wanted, words: `${metricName(metric, i)} ${reading.now.toFixed(1)} now / target ${metric.target}` }];
  });
  const most = asks.reduce<{ pods: number; words: string } | undefined>(
    (best, one) => (best && best.pods >= one.pods ? best : one),
    undefined,
  );
  if (most) {
    const desired = clamp(Math.max(most.pods, initial), floor.pods, max);
    return as(desired, `${most.words} → ${pods(desired)}`, state);
  }
  if (floor.pods > 0) return as(floor.pods, `at least ${pods(floor.pods)} by ${floor.why}`, state);
  if (idlePlan?.up) return as(1, idlePlan.reason, state);
  const wakes = metrics.some(({ type }) => type === 'prometheus')
    ? 'the first request, or its metric, wakes it'
    : 'the first request wakes it';
  return as(0, `at zero; ${wakes}`, state);
}

/**
 * To zero (or the floor) when the idle time is over, and until then the last pod stays; more than one are lowered as if they were busy (undefined).
 * A pod just woken counts its idle time from when it was first seen.
 */
function idle(subject: Subject, state: DecideState, now: number): { desired: number; reason: string } | undefined {
  const { replicas, floor, max, idleSeconds, idlePlan } = subject;
  const since = Math.max(state.zeroSince ?? now, state.awakeSince ?? now);
  const idleMillis = now - since;
  const to = floor.pods === 0 ? 'zero' : `${pods(floor.pods)} by ${floor.why}`;
  const forSeconds = (idleMillis / 1000).toFixed(0);
  const over = idlePlan ? !idlePlan.up && now - (state.awakeSince ?? now) >= JUST_WOKEN_MILLIS : idleMillis >= idleSeconds * 1000;
  const by = idlePlan ? idlePlan.reason : `idleSeconds ${idleSeconds}`;
  if (over) return { desired: floor.pods, reason: `idle for ${forSeconds} s (${by}) → ${to}` };
  if (replicas > 1) return undefined;
  const kept = clamp(Math.max(replicas, 1), floor.pods, max);
  return {
    desired: kept,
    reason: idlePlan
      ? `no demand for ${forSeconds} s; ${idlePlan.reason}`
      : `no demand for ${forSeconds} s; ${pods(kept)} until ${idleSeconds} s`,
  };
}

function busy(observation: Observation, live: Live | undefined, subject: Subject, state: DecideState, now: number): Decision {
  const { replicas, floor, max } = subject;
  const read = (panicking: boolean): Ask[] =>
    subject.metrics.flatMap((metric, i) => {
      const reading = observation.metrics[i];
      return reading && !('error' in reading) ? [ask(metric, i, reading, live, subject, panicking)] : [];
    });
  const most = Math.max(0, ...read(false).map(({ panic }) => panic));
  if (replicas > 0 && most >= PANIC_FACTOR * replicas) state.panicUntil = now + subject.stableWindowSeconds * 1000;
  const panicking = (state.panicUntil ?? 0) > now;
  if (!panicking) delete state.panicUntil;

  const asks = read(panicking);
  const unread = asks.length < subject.metrics.length;
  const winner = asks.reduce<Ask | undefined>((best, one) => (best && best.up >= one.up ? best : one), undefined);
  // The last pod goes by idling only, never by a mean below one.
  const up = Math.max(1, winner?.up ?? 0);
  const down = delayed(state, Math.max(1, ...asks.map((one) => one.down)), subject.scaleDownDelaySeconds, now);
  const [raw, held] = lowered(subject, observation, up, down, panicking, unread);
  const desired = clamp(raw, floor.pods, max);
  const limit = desired < raw ? ` (spec.scale.max ${max})` : desired > raw ? ` (${floor.why})` : '';
  return {
    desired,
    demand: winner?.figure ?? 'unknown',
    window: winner?.window ?? 'now',
    reason: `${winner?.words ?? 'no metric can be read'} → ${pods(desired)}${limit}${held}`,
    panicking,
    state,
  };
}

/** The number between up and down, and what keeps it from being lowered. */
function lowered(
  subject: Subject,
  { complete, covered }: Observation,
  up: number,
  down: number,
  panicking: boolean,
  unread: boolean,
): [number, string] {
  const { replicas } = subject;
  if (up >= replicas) return [Math.min(up, Math.max(replicas, fastest(subject))), panicking ? ', a burst: nothing is lowered' : ''];
  if (panicking) return [replicas, ', a burst: nothing is lowered'];
  if (!complete) return [replicas, ', not lowered: an activator or a pod did not answer'];
  if (!covered) return [replicas, `, not lowered: Prometheus has not seen ${seconds(subject.stableWindowSeconds)} yet`];
  if (unread) return [replicas, ', not lowered: a metric cannot be read'];
  const { scaleDownDelaySeconds: delay } = subject;
  if (down >= replicas) return [replicas, delay > 0 ? `, not lowered yet: ${pods(down)} wanted within ${seconds(delay)}` : ''];
  return [Math.max(down, Math.ceil(replicas / subject.maxScaleDownRate)), ''];
}

/** The most pods that were wanted within the scale-down delay, this moment included; what was wanted is remembered. */
function delayed(state: DecideState, wanted: number, delaySeconds: number, now: number): number {
  const kept = (state.wanted ?? []).filter(({ at, pods: count }) => now - at < delaySeconds * 1000 && count > wanted);
  state.wanted = [...kept, { at: now, pods: wanted }];
  return state.wanted[0]?.pods ?? wanted;
}

/** The most pods that may be asked for at once. Example: 3 Ready, maxScaleUpRate 2 → 6. */
function fastest({ ready, maxScaleUpRate }: Subject): number {
  return Math.max(1, ready) * maxScaleUpRate;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), Math.max(min, max));
}
