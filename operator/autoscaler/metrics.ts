import { Counter, Gauge, type Registry } from 'prom-client';

const LABELS = ['namespace', 'function'] as const;

/** Every input and output of the autoscaler's decisions. */
export class AutoscalerMetrics {
  readonly desired: Gauge;
  readonly actual: Gauge;
  readonly demand: Gauge;
  readonly decisions: Counter;
  readonly failures: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.desired = new Gauge({ name: 'lull_autoscaler_desired_pods', help: 'Pods wanted.', labelNames: LABELS, registers });
    this.actual = new Gauge({
      name: 'lull_autoscaler_actual_pods',
      help: 'Pods that the Deployment was told to have.',
      labelNames: LABELS,
      registers,
    });
    this.demand = new Gauge({
      name: 'lull_autoscaler_demand',
      help: 'Demand over the stable window: held and running requests, time-weighted mean.',
      labelNames: LABELS,
      registers,
    });
    this.decisions = new Counter({
      name: 'lull_autoscaler_decisions_total',
      help: 'Changes of scale, by direction.',
      labelNames: [...LABELS, 'direction'],
      registers,
    });
    this.failures = new Counter({
      name: 'lull_autoscaler_observation_failures_total',
      help: 'Times that Prometheus did not give an observation.',
      registers,
    });
  }

  forget(namespace: string, name: string): void {
    for (const gauge of [this.desired, this.actual, this.demand]) gauge.remove({ namespace, function: name });
    for (const direction of ['up', 'down']) this.decisions.remove({ namespace, function: name, direction });
  }
}
