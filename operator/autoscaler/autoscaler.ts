import { type EffectiveSpec, effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction, ScaleStatus } from '../../common/api/function.ts';
import { type DecideState, decide } from './decide.ts';
import type { AutoscalerMetrics } from './metrics.ts';
import type { Observed, Windows } from './observe.ts';

/** A function that can be scaled: it has an active revision with a Deployment. */
export interface Scalable {
  fn: LullFunction;
  /** Its active revision's Deployment, and the pods it was told to have. */
  deployment: string;
  replicas: number;
}

export interface AutoscalerOptions {
  list: () => Scalable[];
  observe: (windows: ReadonlyMap<string, Windows>) => Promise<Observed>;
  /** Writes deployments/scale, only if it still is what `from` says; false when it is not. */
  scale: (namespace: string, deployment: string, from: number, to: number) => Promise<boolean>;
  report: (fn: LullFunction, status: ScaleStatus) => Promise<void>;
  onError: (key: string, error: unknown) => void;
  metrics: AutoscalerMetrics;
  now: () => number;
}

/** Follows demand: every tick one observation of all functions, a decision for each, and a write where it differs. Only the leader runs it. */
export class Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #states = new Map<string, DecideState>();
  #missing: string | undefined;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
  }

  /** Why the last observation is missing; undefined when it is not. */
  get missing(): string | undefined {
    return this.#missing;
  }

  async tick(): Promise<void> {
    const { list, observe, metrics, now, onError } = this.#options;
    const functions = list();
    const specs = new Map(functions.map((one): [string, EffectiveSpec] => [keyOf(one.fn), effectiveSpec(one.fn.spec)]));
    const windows = new Map(
      [...specs].map(([key, spec]): [string, Windows] => [key, { stable: spec.stableWindowSeconds, panic: spec.panicWindowSeconds }]),
    );
    const observed = await observe(windows);
    this.#missing = 'missing' in observed ? observed.missing : undefined;
    if ('missing' in observed) metrics.failures.inc();
    this.#forget(specs);
    for (const one of functions) {
      const key = keyOf(one.fn);
      const spec = specs.get(key);
      // One function's trouble is not another's.
      if (spec) await this.#follow(one, key, spec, observed, now()).catch((error: unknown) => onError(key, error));
    }
  }

  async #follow({ fn, deployment, replicas }: Scalable, key: string, spec: EffectiveSpec, observed: Observed, now: number): Promise<void> {
    const { scale, metrics } = this.#options;
    const observation = 'functions' in observed ? observed.functions.get(key) : undefined;
    const fixed = fn.spec.replicas;
    const { desired, reason, state } = decide(
      observation,
      this.#states.get(key) ?? {},
      { ...spec, replicas, ...(fixed !== undefined && { fixed }) },
      now,
    );
    this.#states.set(key, state);
    const namespace = fn.metadata.namespace ?? 'default';
    const labels = { namespace, function: fn.metadata.name };
    metrics.desired.set(labels, desired);
    metrics.actual.set(labels, replicas);
    if (observation) metrics.demand.set(labels, observation.stable);
    if (desired !== replicas) {
      const written = await scale(namespace, deployment, replicas, desired);
      if (written) metrics.decisions.inc({ ...labels, direction: desired > replicas ? 'up' : 'down' });
    }
    await this.#report(fn, desired, reason, now);
  }

  /** The status is written when the number changes, or when the words say something else than figures that move all the time. */
  async #report(fn: LullFunction, desired: number, reason: string, now: number): Promise<void> {
    const before = fn.status?.scale;
    if (before && before.desired === desired && withoutFigures(before.reason) === withoutFigures(reason)) return;
    const since = before && before.desired === desired ? before.since : new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
    await this.#options.report(fn, { desired, reason, since });
  }

  #forget(specs: ReadonlyMap<string, unknown>): void {
    for (const key of this.#states.keys()) {
      if (specs.has(key)) continue;
      this.#states.delete(key);
      const [namespace, name] = key.split('/') as [string, string];
      this.#options.metrics.forget(namespace, name);
    }
  }
}

function keyOf(fn: LullFunction): string {
  return `${fn.metadata.namespace}/${fn.metadata.name}`;
}

function withoutFigures(reason: string): string {
  return reason.replace(/[\d.]+/g, '#');
}
