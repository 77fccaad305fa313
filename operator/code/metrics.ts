import { Counter, Gauge, type Registry } from 'prom-client';

/** Figures about fetching code. */
export class CodeMetrics {
  readonly #started: Counter;
  readonly #collected: Counter;
  readonly #store: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#started = new Counter({ name: 'lull_operator_fetches_total', help: 'Jobs made to fetch code.', registers });
    this.#collected = new Counter({
      name: 'lull_operator_bundles_collected_total',
      help: 'Bundles deleted from the store that nothing referred to.',
      registers,
    });
    this.#store = new Gauge({ name: 'lull_operator_store_up', help: '1 while the store answers the operator.', registers });
  }

  started(): void {
    this.#started.inc();
  }

  collected(bundles: number): void {
    this.#collected.inc(bundles);
  }

  storeAnswers(does: boolean): void {
    this.#store.set(does ? 1 : 0);
  }
}
