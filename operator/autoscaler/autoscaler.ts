import { effectiveSpec } from '../../common/api/defaults.ts';
import { FunctionScaler, type Scalable, type ScalerOptions } from './function-scaler.ts';
import type { Live } from './observation.ts';
import type { Observed, Target } from './observe.ts';

export interface AutoscalerOptions extends ScalerOptions {
  /** Every function that can be scaled, and one of them. */
  list: () => Scalable[];
  get: (key: string) => Scalable | undefined;
  observe: (targets: ReadonlyMap<string, Target>) => Promise<Observed>;
  live: (key: string) => Live | undefined;
  now: () => number;
}

/** A function is not looked at again within this time for a burst alone: the activators tell of it every 100 ms. */
const POKE_MILLIS = 50;

/**
 * Follows demand: every tick one observation of all functions, a decision for each, and a write where it differs; between ticks, a look at those of which an activator
 * says that requests are held. Only the leader runs it.
 */
export class Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #scalers = new Map<string, { scaler: FunctionScaler; uid: string | undefined; lookedAt: number }>();
  #observed: Observed = { functions: new Map(), missing: 'Prometheus was not asked yet', scrapeSeconds: 2 };
  #observedAt = 0;
  #started = false;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
  }

  /** Why the last observation is missing; undefined when it is not. */
  get missing(): string | undefined {
    return this.#observed.missing;
  }

  async tick(): Promise<void> {
    const { list, observe, metrics, now } = this.#options;
    const end = metrics.tick.startTimer();
    const functions = list();
    const targets = new Map(
      functions.map(({ fn }): [string, Target] => [
        keyOf(fn),
        { namespace: fn.metadata.namespace ?? 'default', name: fn.metadata.name, spec: effectiveSpec(fn.spec) },
      ]),
    );
    this.#observed = await observe(targets);
    this.#observedAt = now();
    this.#started = true;
    if (this.#observed.missing !== undefined) metrics.failures.inc();
    metrics.prometheusUp.set(this.#observed.missing === undefined ? 1 : 0);
    metrics.scrapeInterval.set(this.#observed.scrapeSeconds);
    this.#forget(targets);
    // One function's trouble, or its slow write, is not another's.
    await Promise.all(functions.map((one) => this.#follow(one)));
    end();
  }

  /** Requests of the function are held, or its Deployment has changed while they are: it is looked at now. */
  poke(key: string): void {
    if (!this.#started) return;
    const known = this.#scalers.get(key);
    if (known && this.#options.now() - known.lookedAt < POKE_MILLIS) return;
    const one = this.#options.get(key);
    if (one) void this.#follow(one);
  }

  #follow(one: Scalable): Promise<void> {
    const now = this.#options.now();
    const key = keyOf(one.fn);
    const { uid } = one.fn.metadata;
    let known = this.#scalers.get(key);
    // Of one that was deleted and made anew nothing is remembered.
    if (!known || known.uid !== uid) {
      known = { scaler: new FunctionScaler(key, this.#options), uid, lookedAt: now };
      this.#scalers.set(key, known);
    }
    known.lookedAt = now;
    const { functions, missing } = this.#observed;
    const seen = { observed: functions.get(key), missing, live: this.#options.live(key), readMillisAgo: now - this.#observedAt };
    return known.scaler.follow(one, seen, now);
  }

  #forget(targets: ReadonlyMap<string, unknown>): void {
    const { metrics, schedules, idle } = this.#options;
    for (const key of this.#scalers.keys()) {
      if (targets.has(key)) continue;
      this.#scalers.delete(key);
      schedules.forget(key);
      idle.forget(key);
      const [namespace, name] = key.split('/') as [string, string];
      metrics.forget(namespace, name);
    }
  }
}

function keyOf({ metadata }: Scalable['fn']): string {
  return `${metadata.namespace}/${metadata.name}`;
}
