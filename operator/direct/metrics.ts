import { Gauge, type Registry } from 'prom-client';

/** Which functions' callers reach pods directly. */
export class DirectAccessMetrics {
  readonly #direct: Gauge;

  constructor(registry: Registry) {
    this.#direct = new Gauge({
      name: 'lull_direct_access',
      help: '1 while in-cluster callers reach the pods directly, 0 while they go by the activators; only of functions that may.',
      labelNames: ['namespace', 'function'],
      registers: [registry],
    });
  }

  /** @param direct undefined for a function that is no longer followed */
  report(namespace: string, name: string, direct: boolean | undefined): void {
    const labels = { namespace, function: name };
    if (direct === undefined) this.#direct.remove(labels);
    else this.#direct.set(labels, direct ? 1 : 0);
  }
}
