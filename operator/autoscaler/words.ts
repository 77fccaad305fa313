import type { EffectiveMetric } from '../../common/api/defaults.ts';

/** "1 pod", "3 pods". */
export function pods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`;
}

/** "60 s". */
export function seconds(count: number): string {
  return `${count} s`;
}

/** How a metric is called in words: demand, requests/s, or the place of a query in spec.scale.metrics. */
export function metricName({ type }: EffectiveMetric, index: number): string {
  if (type === 'concurrency') return 'demand';
  return type === 'rps' ? 'requests/s' : `metrics[${index}] (PromQL)`;
}

/** The same as a label of a metric. */
export function metricLabel({ type }: EffectiveMetric, index: number): string {
  return type === 'prometheus' ? `prometheus-${index}` : type;
}
