import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from './errors.ts';
import type { FunctionState } from './function-state.ts';

const LABELS = ['namespace', 'function'] as const;
const CODE_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** The metrics of one function, bound once: a request pays for no label lookup. */
export interface FunctionMetrics {
  /** An answer began `millis` after the request came; `held` when it had to wait for a pod. */
  started(status: number, millis: number, held: boolean): void;
  error(code: ErrorCode): void;
  clientClosed(): void;
  coldStart(millis: number): void;
}

/** The activator's metrics. Names in docs/reference/metrics.md. */
export class ActivatorMetrics {
  readonly registry = new Registry();
  readonly #bound = new Map<string, FunctionMetrics>();
  readonly #requests: Counter;
  readonly #errors: Counter;
  readonly #response: Histogram;
  readonly #hold: Histogram;
  readonly #cold: Histogram;
  readonly wakeErrors: Counter;

  constructor(functions: () => Iterable<FunctionState>) {
    const registers = [this.registry];
    const name = (suffix: string) => `lull_activator_function_${suffix}`;
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: name('requests_total'),
      help: 'Requests answered, by class of status (499: the client left).',
      labelNames: [...LABELS, 'code'],
      registers,
    });
    this.#errors = new Counter({
      name: name('errors_total'),
      help: 'Requests that the activator itself refused or gave up, by code.',
      labelNames: [...LABELS, 'reason'],
      registers,
    });
    const buckets = [0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 30];
    this.#response = new Histogram({
      name: name('response_seconds'),
      help: 'From a request to the first byte of its answer.',
      labelNames: LABELS,
      buckets,
      registers,
    });
    this.#hold = new Histogram({
      name: name('held_response_seconds'),
      help: 'As response_seconds, of the requests that waited for a pod.',
      labelNames: LABELS,
      buckets,
      registers,
    });
    this.#cold = new Histogram({
      name: name('cold_start_seconds'),
      help: 'From the wake to the announcement of the first pod.',
      labelNames: LABELS,
      buckets,
      registers,
    });
    this.wakeErrors = new Counter({
      name: 'lull_activator_wake_errors_total',
      help: 'Patches of deployments/scale that failed and are tried again.',
      registers,
    });
    const gauges: [string, string, (fn: FunctionState) => number][] = [
      [name('demand'), 'Requests held and running now.', (fn) => fn.demand.now],
      [name('held'), 'Requests held now.', (fn) => fn.queue.length],
      [name('pods'), 'Pods that can be given requests.', (fn) => fn.pods.size],
    ];
    for (const [metric, help, value] of gauges) {
      new Gauge({ name: metric, help, labelNames: LABELS, registers, collect: collector(functions, value) });
    }
    new Counter({
      name: name('demand_seconds_total'),
      help: 'Integral of demand over time: its rate is the time-weighted mean of demand.',
      labelNames: LABELS,
      registers,
      collect: collector(functions, (fn) => fn.demand.seconds()),
    });
  }

  of(fn: FunctionState): FunctionMetrics {
    let bound = this.#bound.get(fn.key);
    if (!bound) {
      bound = this.#bind(fn);
      this.#bound.set(fn.key, bound);
    }
    return bound;
  }

  /** A deleted function's series go. */
  forget(fn: FunctionState): void {
    this.#bound.delete(fn.key);
    const labels = { namespace: fn.namespace, function: fn.name };
    for (const code of [...CODE_CLASSES, '499']) this.#requests.remove({ ...labels, code });
    for (const histogram of [this.#response, this.#hold, this.#cold]) histogram.remove(labels);
  }

  #bind(fn: FunctionState): FunctionMetrics {
    const labels = { namespace: fn.namespace, function: fn.name };
    const classes = CODE_CLASSES.map((code) => this.#requests.labels({ ...labels, code }));
    const left = this.#requests.labels({ ...labels, code: '499' });
    const response = this.#response.labels(labels);
    const hold = this.#hold.labels(labels);
    const cold = this.#cold.labels(labels);
    return {
      started: (status, millis, held) => {
        classes[Math.floor(status / 100) - 1]?.inc();
        response.observe(millis / 1000);
        if (held) hold.observe(millis / 1000);
      },
      error: (reason) => {
        classes[4]?.inc();
        this.#errors.inc({ ...labels, reason });
      },
      clientClosed: () => left.inc(),
      coldStart: (millis) => cold.observe(millis / 1000),
    };
  }
}

/** Fills a metric from the functions as they stand when it is scraped. */
function collector(functions: () => Iterable<FunctionState>, value: (fn: FunctionState) => number) {
  return function collect(this: Gauge | Counter): void {
    this.reset();
    for (const fn of functions()) this.inc({ namespace: fn.namespace, function: fn.name }, value(fn));
  };
}
