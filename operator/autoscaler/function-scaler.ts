import { type EffectiveSpec, effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { DirectObservation } from '../direct/decide-direct.ts';
import { directObservation } from '../direct/observation.ts';
import { scalingCondition, type Trouble } from './condition.ts';
import { type DecideState, type Decision, decide, type Subject } from './decide.ts';
import type { IdlePlanners } from './idle/idle-planners.ts';
import type { AutoscalerMetrics } from './metrics.ts';
import type { Live, Observation } from './observation.ts';
import type { FunctionObserved } from './observe.ts';
import { ScaleReport, type ScaleReportWriter } from './report.ts';
import type { ScheduleFloors } from './schedule.ts';
import { metricName, pods } from './words.ts';

/** A function that can be scaled: it has an active revision with a Deployment. */
export interface Scalable {
  fn: LullFunction;
  /** Its active revision's Deployment, the pods it was told to have, and those of them that are Ready. */
  deployment: string;
  replicas: number;
  ready: number;
  /** A HorizontalPodAutoscaler that has the Function, or this Deployment, for its target. */
  hpa?: { name: string; of: 'Function' | 'Deployment' };
}

/** What a look at the world has shown of a function. */
export interface Seen {
  observed: FunctionObserved | undefined;
  /** Why nothing was seen of any function. */
  missing: string | undefined;
  live: Live | undefined;
  /** Milliseconds since the Prometheus figures were read. */
  readMillisAgo: number;
}

export interface ScalerOptions {
  /** Writes deployments/scale, only if it still is what `from` says; false when it is not. */
  scale: (namespace: string, deployment: string, from: number, to: number) => Promise<boolean>;
  /** A scale-down is coming: the pods with the least work are to go first. */
  beforeScaleDown: (one: Scalable) => Promise<void>;
  write: ScaleReportWriter;
  schedules: ScheduleFloors;
  /** When a function is to be up though nobody calls it, learnt from its own calls. */
  idle: Pick<IdlePlanners, 'plan' | 'forget'>;
  /** Told of each look, for what else goes by demand: whether callers reach the pods directly. */
  followed: (fn: LullFunction, seen: DirectObservation | undefined) => void;
  metrics: AutoscalerMetrics;
  onError: (key: string, error: unknown) => void;
}

/** For so long what was written counts, if the cache still shows another number. */
const TOLD_MILLIS = 2000;

/** Follows one function: from what was seen to a decision, the write, and the report. It never runs twice at once. */
export class FunctionScaler {
  readonly #key: string;
  readonly #options: ScalerOptions;
  readonly #report: ScaleReport;
  #state: DecideState = {};
  #told: { deployment: string; replicas: number; at: number } | undefined;
  #running = false;

  constructor(key: string, options: ScalerOptions) {
    this.#key = key;
    this.#options = options;
    this.#report = new ScaleReport(options.write);
  }

  /** Looks at one function and does what is to be done; returns the observation that it stood on. Never throws. */
  async follow(one: Scalable, seen: Seen, now: number): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#follow(one, seen, now);
    } catch (error) {
      this.#options.onError(this.#key, error);
    } finally {
      this.#running = false;
    }
  }

  async #follow(one: Scalable, seen: Seen, now: number): Promise<void> {
    const { fn } = one;
    const { metrics } = this.#options;
    const { observation, subject, trouble } = this.#subject(one, seen, now);
    const decision = decide(observation, seen.live, this.#state, subject, now);
    this.#state = decision.state;
    this.#options.followed(fn, directObservation(observation, seen.live));
    const labels = { namespace: fn.metadata.namespace ?? 'default', function: fn.metadata.name };
    metrics.record(labels, subject, decision, observation);
    if (decision.desired !== subject.replicas) await this.#write(one, subject.replicas, decision, now);
    const actual = this.#replicas(one, now);
    await this.#report.tell(fn, { ...decision, actual }, scalingCondition(trouble), now);
  }

  #subject(
    { fn, ...one }: Scalable,
    seen: Seen,
    now: number,
  ): { observation: Observation | undefined; subject: Subject; trouble: Trouble } {
    const { observed, missing, live, readMillisAgo } = seen;
    const spec = effectiveSpec(fn.spec);
    const got = observed && 'observation' in observed ? observed : undefined;
    const observation = got && { ...got.observation, ageMillis: got.observation.ageMillis + readMillisAgo };
    const trouble: Trouble = {};
    const fixed = fixedNumber({ fn, ...one });
    if (fixed) trouble.fixedBy = fixed.by;
    if (spec.paused) trouble.paused = true;
    if (missing !== undefined) trouble.missing = missing;
    if (observed && 'refused' in observed) trouble.refused = observed.refused;
    if (observed && 'missing' in observed) trouble.unseen = observed.missing;
    if (observation) trouble.unread = unread(spec, observation);
    const floor = this.#floor(spec, trouble, now);
    const idlePlan = spec.idleAuto ? this.#options.idle.plan(this.#key, spec, isBusy(observation, live), now) : undefined;
    const subject: Subject = {
      ...spec,
      ...(got && { stableWindowSeconds: got.windows.stable, panicWindowSeconds: got.windows.panic }),
      replicas: this.#replicas({ fn, ...one }, now),
      ready: one.ready,
      floor,
      ...(fixed && { fixed }),
      ...(idlePlan && { idlePlan }),
      ...(trouble.refused !== undefined && { unseen: 'a window is too short for the scrape interval (see ScalingActive)' }),
    };
    return { observation, subject, trouble };
  }

  /** spec.scale.min, or the schedule's floor where that is higher. */
  #floor(spec: EffectiveSpec, trouble: Trouble, now: number): Subject['floor'] {
    const floor = { pods: spec.min, why: `spec.scale.min ${spec.min}` };
    if (spec.schedule.length === 0) return floor;
    try {
      const { min, why } = this.#options.schedules.at(this.#key, spec.schedule, now);
      return min > spec.min && why !== undefined ? { pods: Math.min(min, spec.max), why } : floor;
    } catch (error) {
      trouble.schedule = (error as Error).message;
      return floor;
    }
  }

  /** What the Deployment was told to have: by the cache, or by ourselves when the cache cannot know yet. */
  #replicas({ deployment, replicas }: Scalable, now: number): number {
    const told = this.#told;
    if (!told || told.deployment !== deployment || told.replicas === replicas || now - told.at > TOLD_MILLIS) {
      this.#told = undefined;
      return replicas;
    }
    return told.replicas;
  }

  async #write(one: Scalable, from: number, { desired, reason }: Decision, now: number): Promise<void> {
    const { scale, beforeScaleDown, write, metrics, onError } = this.#options;
    const { fn, deployment } = one;
    const namespace = fn.metadata.namespace ?? 'default';
    if (desired < from && desired > 0) {
      // Which pod goes is a kindness; that one goes is not.
      await beforeScaleDown(one).catch((error: unknown) => onError(this.#key, error));
    }
    const written = await scale(namespace, deployment, from, desired);
    if (!written) return;
    this.#told = { deployment, replicas: desired, at: now };
    metrics.writes.inc({ kind: 'scale' });
    metrics.decisions.inc({ namespace, function: fn.metadata.name, direction: desired > from ? 'up' : 'down' });
    write.event(fn, desired > from ? 'ScaledUp' : desired === 0 ? 'ScaledToZero' : 'ScaledDown', `${pods(from)} → ${desired}: ${reason}`);
  }
}

/** Whether there is demand; undefined when it cannot be known. The panic window counts, for a short call is seldom running when it is looked at. */
function isBusy(observation: Observation | undefined, live: Live | undefined): boolean | undefined {
  if (live && live.held + live.running > 0) return true;
  if (!observation || observation.ageMillis > observation.staleMillis || !observation.complete) return undefined;
  return observation.demand.now > 0 || observation.demand.panic > 0;
}

/**
 * The number that a person, or their HorizontalPodAutoscaler, has fixed: spec.replicas (which `kubectl scale fn` writes, too), or whatever one writes to the Deployment.
 * The API server does not tell who wrote a custom resource's scale.
 */
function fixedNumber({ fn, replicas, hpa }: Scalable): { pods: number; by: string } | undefined {
  if (hpa?.of === 'Deployment') return { pods: replicas, by: `HorizontalPodAutoscaler "${hpa.name}", which scales the Deployment` };
  if (fn.spec.replicas === undefined) return undefined;
  return { pods: fn.spec.replicas, by: hpa ? `spec.replicas, which HorizontalPodAutoscaler "${hpa.name}" writes,` : 'spec.replicas' };
}

function unread(spec: EffectiveSpec, observation: Observation): string[] {
  return spec.metrics.flatMap((metric, i) => {
    const reading = observation.metrics[i];
    return reading && 'error' in reading ? [`spec.scale.${metricName(metric, i)}: ${reading.error}`] : [];
  });
}
