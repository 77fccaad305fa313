import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { WorkQueue } from './queue.ts';

export interface ControllerOptions {
  name: string;
  /**
   * Brings the world to what `key` says. It is given a key only, reads from caches, and must be idempotent. What it throws brings the key back with
   * back-off; what only a user can mend is no exception but a condition, and comes back when something changes.
   */
  reconcile: (key: string) => Promise<void>;
  onError: (key: string, error: unknown) => void;
  metrics: ControllerMetrics;
  workers?: number;
  /** A reconcile that takes longer counts as failed, and its worker goes on with others. */
  timeoutMillis?: number;
}

/** A queue of keys and the workers that reconcile them. One slow or failing key does not stall the others. */
export class Controller {
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.queue = new WorkQueue({ observer: options.metrics.queue(options.name) });
  }

  start(): void {
    for (let worker = 0; worker < (this.#options.workers ?? 8); worker += 1) void this.#work();
  }

  stop(): void {
    this.queue.close();
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      const end = this.#options.metrics.begin(this.#options.name);
      let failed = false;
      try {
        await this.#bounded(key);
      } catch (error) {
        failed = true;
        this.#options.onError(key, error);
      }
      end(failed);
      this.queue.done(key, failed);
    }
  }

  async #bounded(key: string): Promise<void> {
    const { reconcile, timeoutMillis = 30_000 } = this.#options;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`reconcile took longer than ${timeoutMillis} ms`)), timeoutMillis);
    try {
      await Promise.race([reconcile(key), promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** controller-runtime's and client-go's metrics under their names, so that stock dashboards work. */
export class ControllerMetrics {
  readonly #total: Counter;
  readonly #errors: Counter;
  readonly #time: Histogram;
  readonly #active: Gauge;
  readonly #depth: Gauge;
  readonly #adds: Counter;
  readonly #retries: Counter;
  readonly #waited: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['controller'];
    this.#total = new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciliations, by result.',
      labelNames: ['controller', 'result'],
      registers,
    });
    this.#errors = new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Reconciliations that failed.',
      labelNames,
      registers,
    });
    this.#time = new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'How long a reconciliation takes.',
      labelNames,
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
      registers,
    });
    this.#active = new Gauge({ name: 'controller_runtime_active_workers', help: 'Workers that reconcile now.', labelNames, registers });
    this.#depth = new Gauge({ name: 'workqueue_depth', help: 'Keys that wait.', labelNames: ['name'], registers });
    this.#adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', labelNames: ['name'], registers });
    this.#retries = new Counter({
      name: 'workqueue_retries_total',
      help: 'Keys that came back after a failure.',
      labelNames: ['name'],
      registers,
    });
    this.#waited = new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long a key waits.',
      labelNames: ['name'],
      buckets: [0.001, 0.01, 0.1, 1, 10],
      registers,
    });
  }

  begin(controller: string): (failed: boolean) => void {
    const stop = this.#time.startTimer({ controller });
    this.#active.inc({ controller });
    return (failed) => {
      stop();
      this.#active.dec({ controller });
      this.#total.inc({ controller, result: failed ? 'error' : 'success' });
      if (failed) this.#errors.inc({ controller });
    };
  }

  queue(name: string) {
    return {
      depth: (keys: number) => this.#depth.set({ name }, keys),
      added: () => this.#adds.inc({ name }),
      retried: () => this.#retries.inc({ name }),
      started: (millis: number) => this.#waited.observe({ name }, millis / 1000),
    };
  }
}
