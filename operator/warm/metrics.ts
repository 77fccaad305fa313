import { Counter, Gauge, type Registry } from 'prom-client';

/** A pool's figures; the counts since this process began to look after it. */
export interface PoolFigures {
  size: number;
  free: number;
  claims: number;
  idlePodSeconds: number;
  savedSeconds: number;
  podFailures: number;
}

/** What warm pools have, cost and save. Names in docs/reference/metrics.md. */
export class WarmPoolMetrics {
  readonly #pools = new Map<string, { labels: { namespace: string; warmpool: string }; figures: PoolFigures }>();

  constructor(registry: Registry) {
    const pools = this.#pools;
    const metric = (Kind: typeof Counter | typeof Gauge, name: string, help: string, value: (figures: PoolFigures) => number): void => {
      new Kind({
        name: `lull_warmpool_${name}`,
        help,
        labelNames: ['namespace', 'warmpool'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { labels, figures } of pools.values()) this.inc(labels, value(figures));
        },
      });
    };
    metric(Gauge, 'size', 'Free pods that are wanted.', ({ size }) => size);
    metric(Gauge, 'free', 'Free pods that are ready to be claimed.', ({ free }) => free);
    metric(Counter, 'claims_total', 'Pods that functions have taken.', ({ claims }) => claims);
    metric(Counter, 'idle_pod_seconds_total', 'Seconds that free pods have stood for nobody.', ({ idlePodSeconds }) => idlePodSeconds);
    metric(Counter, 'saved_seconds_total', 'Seconds of waiting saved, against the ordinary wake.', ({ savedSeconds }) => savedSeconds);
    metric(Counter, 'pod_failures_total', 'Pods that ended unclaimed, or that the API server refused.', ({ podFailures }) => podFailures);
  }

  report(key: string, figures: PoolFigures): void {
    const slash = key.indexOf('/');
    this.#pools.set(key, { labels: { namespace: key.slice(0, slash), warmpool: key.slice(slash + 1) }, figures });
  }

  /** A pool is gone, and its series with it. */
  forget(key: string): void {
    this.#pools.delete(key);
  }
}
