import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import type { FunctionState } from '../function-state.ts';
import { KINDS } from '../wake/cold-start.ts';
import type { Buckets } from './buckets.ts';

const LABELS = ['namespace', 'function'] as const;
type Labels = Record<string, string>;

/** The activator's metrics. Names in docs/reference/metrics.md. A function's series are those of the functions there are: a deleted one's go with it. */
export class ActivatorMetrics {
  readonly registry = new Registry();
  readonly wakeErrors: Counter;
  /** What was refused before it was known for which function: broken requests, unknown names. */
  readonly refused: Counter;
  readonly claims: Counter;
  readonly #functions: () => Iterable<FunctionState>;

  constructor(functions: () => Iterable<FunctionState>, connections: () => number, waitingToStart: () => number) {
    this.#functions = functions;
    const registers = [this.registry];
    this.claims = new Counter({
      name: 'lull_activator_claims_total',
      help: 'Pods of warm pools that functions wanted, by result: claimed, refused, timeout, or empty when there was none.',
      labelNames: ['result'],
      registers,
    });
    collectDefaultMetrics({ register: this.registry });
    this.#ofEach('requests_total', 'Requests answered, by class of status (499: the client left).', ['code'], (fn) => [
      ...Array.from(fn.metrics.classes, (value, i) => ({ labels: { code: `${i + 1}xx` }, value })),
      { labels: { code: '499' }, value: fn.metrics.left },
    ]);
    this.#ofEach('errors_total', 'Requests that the activator itself refused or gave up, by code.', ['reason'], (fn) =>
      [...fn.metrics.errors].map(([reason, value]) => ({ labels: { reason }, value })),
    );
    const one =
      (value: (fn: FunctionState) => number) =>
      (fn: FunctionState): Value[] => [{ labels: {}, value: value(fn) }];
    this.#ofEach(
      'demand_seconds_total',
      'Integral of demand over time: its rate is the time-weighted mean of demand.',
      [],
      one((fn) => fn.demand.seconds()),
    );
    this.#ofEach(
      'request_bytes_total',
      'Bytes of requests’ bodies.',
      [],
      one(({ metrics }) => metrics.requestBytes),
    );
    this.#ofEach(
      'response_bytes_total',
      'Bytes of answers’ bodies.',
      [],
      one(({ metrics }) => metrics.responseBytes),
    );
    this.#ofEach(
      'cold_starts_total',
      'Wakes from zero that were answered, by kind: ordinary (a pod of its own), claimed (one of a warm pool).',
      ['kind'],
      ({ metrics }) => KINDS.map((kind) => ({ labels: { kind }, value: metrics.coldStarts[kind].count })),
    );
    this.#gauge('demand', 'Requests held and running now.', (fn) => fn.demand.now);
    this.#gauge('held', 'Requests held now.', (fn) => fn.queue.length);
    this.#gauge('running', 'Requests running now.', (fn) => fn.demand.now - fn.queue.length);
    this.#gauge('pods', 'Pods that are known.', (fn) => fn.pods.size);
    this.#histogram('response_seconds', 'From a request to the first byte of its answer.', (fn) => [[{}, fn.metrics.response]]);
    this.#histogram('hold_seconds', 'How long requests waited that had to wait for a slot.', (fn) => [[{}, fn.metrics.hold]]);
    this.#histogram('cold_start_seconds', 'From a wake to the first byte of an answer.', (fn) =>
      KINDS.map((kind) => [{ kind }, fn.metrics.coldStarts[kind]]),
    );
    this.#histogram('cold_start_phase_seconds', 'The same by phase: turn, patch, bound, process, announce, claim, handler.', (fn) =>
      [...fn.metrics.phases].map(([phase, buckets]) => [{ phase }, buckets]),
    );
    this.wakeErrors = new Counter({
      name: 'lull_activator_wake_errors_total',
      help: 'Patches of deployments/scale that failed and are tried again.',
      registers,
    });
    this.refused = new Counter({
      name: 'lull_activator_refused_total',
      help: 'Requests refused before it was known for which function, by code.',
      labelNames: ['reason'],
      registers,
    });
    new Gauge({
      name: 'lull_activator_wakes_waiting',
      help: 'Functions that are to be woken when their turn has come.',
      registers,
      collect() {
        this.set(waitingToStart());
      },
    });
    new Gauge({
      name: 'lull_activator_connections',
      help: 'Connections of clients now.',
      registers,
      collect() {
        this.set(connections());
      },
    });
  }

  #ofEach(suffix: string, help: string, labelNames: string[], values: (fn: FunctionState) => Value[]): void {
    const functions = this.#functions;
    new Counter({
      name: `lull_activator_function_${suffix}`,
      help,
      labelNames: [...LABELS, ...labelNames],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const fn of functions()) for (const { labels, value } of values(fn)) this.inc({ ...labelsOf(fn), ...labels }, value);
      },
    });
  }

  #gauge(suffix: string, help: string, value: (fn: FunctionState) => number): void {
    const functions = this.#functions;
    new Gauge({
      name: `lull_activator_function_${suffix}`,
      help,
      labelNames: [...LABELS],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const fn of functions()) this.set(labelsOf(fn), value(fn));
      },
    });
  }

  /** prom-client's own histogram cannot be filled from counts that somebody else keeps, so this stands in its place in the registry. */
  #histogram(suffix: string, help: string, each: (fn: FunctionState) => [Labels, Buckets][]): void {
    const name = `lull_activator_function_${suffix}`;
    const functions = this.#functions;
    const get = async () => {
      const values: { labels: Labels; value: number; metricName: string }[] = [];
      for (const fn of functions()) {
        for (const [labels, buckets] of each(fn)) {
          if (buckets.count > 0) values.push(...bucketValues(name, { ...labelsOf(fn), ...labels }, buckets));
        }
      }
      return { name, help, type: 'histogram', values, aggregator: 'sum' };
    };
    this.registry.registerMetric({ name, get, reset: () => undefined } as unknown as Metric);
  }
}

interface Value {
  labels: Labels;
  value: number;
}

function labelsOf(fn: FunctionState): Labels {
  return { namespace: fn.namespace, function: fn.name };
}

function bucketValues(name: string, labels: Labels, buckets: Buckets) {
  let total = 0;
  const values = buckets.bounds.map((le, i) => {
    total += buckets.counts[i] as number;
    return { labels: { ...labels, le: String(le) }, value: total, metricName: `${name}_bucket` };
  });
  return [
    ...values,
    { labels: { ...labels, le: '+Inf' }, value: buckets.count, metricName: `${name}_bucket` },
    { labels, value: buckets.sum, metricName: `${name}_sum` },
    { labels, value: buckets.count, metricName: `${name}_count` },
  ];
}
