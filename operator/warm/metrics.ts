import { Counter, Gauge, type Registry } from 'prom-client';

const LABELS = ['namespace', 'pool'] as const;

/** What pools are, cost and save. Names in docs/reference/metrics.md. */
export class WarmMetrics {
  readonly #size: Gauge;
  readonly #free: Gauge;
  readonly #idle: Counter;
  readonly #claims: Counter;
  readonly #saved: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = [...LABELS];
    this.#size = new Gauge({ name: 'lull_warmpool_size', help: 'Free pods that are wanted.', labelNames, registers });
    this.#free = new Gauge({ name: 'lull_warmpool_free', help: 'Free pods that are ready to be claimed.', labelNames, registers });
    this.#idle = new Counter({
      name: 'lull_warmpool_idle_pod_seconds_total',
      help: 'Seconds that free pods have stood there: what the pool costs.',
      labelNames,
      registers,
    });
    this.#claims = new Counter({ name: 'lull_warmpool_claims_total', help: 'Pods that functions have taken.', labelNames, registers });
    this.#saved = new Counter({
      name: 'lull_warmpool_saved_seconds_total',
      help: 'Seconds of waiting that claims saved callers, against the mean ordinary wake of the same functions.',
      labelNames,
      registers,
    });
  }

  report(key: string, now: { size: number; free: number; idleSeconds: number; claims: number; savedSeconds: number }): void {
    const labels = labelsOf(key);
    this.#size.set(labels, now.size);
    this.#free.set(labels, now.free);
    this.#idle.inc(labels, now.idleSeconds);
    this.#claims.inc(labels, now.claims);
    this.#saved.inc(labels, now.savedSeconds);
  }

  forget(key: string): void {
    for (const metric of [this.#size, this.#free, this.#idle, this.#claims, this.#saved]) metric.remove(labelsOf(key));
  }
}

function labelsOf(key: string): { namespace: string; pool: string } {
  const [namespace, pool] = key.split('/') as [string, string];
  return { namespace, pool };
}
