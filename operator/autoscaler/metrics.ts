import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Decision, Subject } from './decide.ts';
import type { Observation } from './observation.ts';
import { metricLabel } from './words.ts';

const LABELS = ['namespace', 'function'] as const;
const MAX_METRICS = 5;

/** Every input and output of the autoscaler's decisions. Names in docs/reference/metrics.md. */
export class AutoscalerMetrics {
  readonly decisions: Counter;
  readonly failures: Counter;
  readonly prometheusUp: Gauge;
  readonly scrapeInterval: Gauge;
  readonly tick: Histogram;
  readonly writes: Counter;
  readonly #desired: Gauge;
  readonly #actual: Gauge;
  readonly #ready: Gauge;
  readonly #min: Gauge;
  readonly #max: Gauge;
  readonly #value: Gauge;
  readonly #target: Gauge;
  readonly #panicking: Gauge;
  readonly #age: Gauge;
  readonly #queryErrors: Counter;

  /** @param seen counts that are kept elsewhere: queries asked, activators heard */
  constructor(registry: Registry, seen: { queries: () => number; activators: () => number }) {
    const registers = [registry];
    const gauge = (name: string, help: string, labelNames: readonly string[] = LABELS): Gauge =>
      new Gauge({ name: `lull_autoscaler_${name}`, help, labelNames: [...labelNames], registers });
    const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
      new Counter({ name: `lull_autoscaler_${name}`, help, labelNames: [...labelNames], registers });
    this.#desired = gauge('desired_pods', 'Pods wanted.');
    this.#actual = gauge('actual_pods', 'Pods that the Deployment was told to have.');
    this.#ready = gauge('ready_pods', 'Pods that are Ready.');
    this.#min = gauge('min_pods', 'The floor in force, schedule and prediction included.');
    this.#max = gauge('max_pods', 'spec.scale.max.');
    this.#value = gauge('metric_value', 'What a metric reads, by window.', [...LABELS, 'metric', 'window']);
    this.#target = gauge('metric_target', 'What one pod is meant to carry of a metric.', [...LABELS, 'metric']);
    this.#panicking = gauge('panicking', '1 while a burst is followed and nothing is scaled down.');
    this.#age = gauge('sample_age_seconds', 'Age of the newest sample that a decision stood on.');
    this.#queryErrors = counter('query_errors_total', "Times that a function's own query could not be read.", [...LABELS, 'metric']);
    this.decisions = counter('decisions_total', 'Changes of scale, by direction.', [...LABELS, 'direction']);
    this.failures = counter('observation_failures_total', 'Times that Prometheus did not give an observation.', []);
    this.prometheusUp = gauge('prometheus_up', '1 while Prometheus gives observations.', []);
    this.scrapeInterval = gauge('scrape_interval_seconds', 'The scrape interval in force, as found out from the samples.', []);
    this.writes = counter('api_writes_total', 'Writes to the API server, by kind: scale, status, event, pod, configmap.', ['kind']);
    this.tick = new Histogram({
      name: 'lull_autoscaler_tick_seconds',
      help: 'How long one look at all functions takes, waiting for Prometheus included.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    });
    new Counter({
      name: 'lull_autoscaler_queries_total',
      help: 'Queries that Prometheus was asked.',
      registers,
      collect() {
        this.reset();
        this.inc(seen.queries());
      },
    });
    new Gauge({
      name: 'lull_autoscaler_activators',
      help: 'Activators whose own figures of demand arrive.',
      registers,
      collect() {
        this.set(seen.activators());
      },
    });
  }

  /** Sets down what was seen of a function, and what was decided. */
  record(
    labels: { namespace: string; function: string },
    subject: Subject,
    decision: Decision,
    observation: Observation | undefined,
  ): void {
    this.#desired.set(labels, decision.desired);
    this.#actual.set(labels, subject.replicas);
    this.#ready.set(labels, subject.ready);
    this.#min.set(labels, subject.floor.pods);
    this.#max.set(labels, subject.max);
    this.#panicking.set(labels, decision.panicking ? 1 : 0);
    if (!observation) {
      this.#age.remove(labels);
      return;
    }
    this.#age.set(labels, observation.ageMillis / 1000);
    subject.metrics.forEach((metric, i) => {
      const of = { ...labels, metric: metricLabel(metric, i) };
      this.#target.set(of, metric.target);
      const reading = observation.metrics[i];
      if (reading && 'error' in reading) this.#queryErrors.inc(of);
      if (!reading || 'error' in reading) return;
      for (const window of ['stable', 'panic', 'now'] as const) this.#value.set({ ...of, window }, reading[window]);
    });
  }

  /** A function is gone, and its series with it. */
  forget(namespace: string, name: string): void {
    const labels = { namespace, function: name };
    for (const gauge of [this.#desired, this.#actual, this.#ready, this.#min, this.#max, this.#panicking, this.#age]) gauge.remove(labels);
    for (const direction of ['up', 'down']) this.decisions.remove({ ...labels, direction });
    const metrics = ['concurrency', 'rps', ...Array.from({ length: MAX_METRICS }, (_, i) => `prometheus-${i}`)];
    for (const metric of metrics) {
      this.#target.remove({ ...labels, metric });
      this.#queryErrors.remove({ ...labels, metric });
      for (const window of ['stable', 'panic', 'now']) this.#value.remove({ ...labels, metric, window });
    }
  }
}
