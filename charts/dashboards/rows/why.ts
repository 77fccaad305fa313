import type { Row } from '../panel.ts';
import { NAME, of, rate } from '../promql.ts';

export const why: Row = {
  title: 'Why: what decisions stand on',
  panels: [
    {
      title: 'Panicking',
      description: 'A burst is followed: until a stable window after its end nothing is scaled down.',
      kind: 'state-timeline',
      unit: 'short',
      words: { 0: 'no', 1: 'yes' },
      thresholds: { yellow: 1, red: 2 },
      queries: [{ expr: `max by (namespace, function) (${of('lull_autoscaler_panicking')})`, legend: NAME }],
    },
    {
      title: 'Age of the newest sample',
      description: 'On older ones than five scrapes (10 s at least) nothing is decided.',
      unit: 's',
      queries: [{ expr: `max by (namespace, function) (${of('lull_autoscaler_sample_age_seconds')})`, legend: NAME }],
    },
    {
      title: 'Prometheus and activators, as the autoscaler hears them',
      description:
        'Prometheus: 1 while it gives observations. Activators: those whose own figures arrive; without Prometheus, scaling up goes by these.',
      unit: 'short',
      queries: [
        { expr: 'max(lull_autoscaler_prometheus_up)', legend: 'Prometheus' },
        { expr: 'max(lull_autoscaler_activators)', legend: 'activators heard' },
        { expr: 'count(up{job="lull-activator"})', legend: 'activators listed', bound: true },
      ],
    },
    {
      title: 'Scrape interval in force',
      description:
        'As found out from the samples. The panic window is three scrapes at least, so above 2 s it is longer than its usual 6 s.',
      unit: 's',
      queries: [{ expr: 'max(lull_autoscaler_scrape_interval_seconds)', legend: 'interval' }],
    },
    {
      title: 'Observations and queries that failed',
      description: 'Observation: Prometheus gave nothing at all. Query: one in spec.scale.metrics gave no number.',
      unit: 'short',
      queries: [
        { expr: `sum(${rate('lull_autoscaler_observation_failures_total')})`, legend: 'observations, each second' },
        {
          expr: `sum by (namespace, function, metric) (${rate(of('lull_autoscaler_query_errors_total'))})`,
          legend: `${NAME} {{metric}}, each second`,
        },
      ],
    },
    {
      title: 'What the autoscaler costs',
      description: 'Time of one look at all functions (p50, p99), queries to Prometheus and writes to the API server each second.',
      unit: 'short',
      queries: [
        { expr: `histogram_quantile(0.5, sum by (le) (${rate('lull_autoscaler_tick_seconds_bucket')}))`, legend: 'a look, p50 (s)' },
        { expr: `histogram_quantile(0.99, sum by (le) (${rate('lull_autoscaler_tick_seconds_bucket')}))`, legend: 'a look, p99 (s)' },
        { expr: `sum(${rate('lull_autoscaler_queries_total')})`, legend: 'queries/s' },
        { expr: `sum by (kind) (${rate('lull_autoscaler_api_writes_total')})`, legend: 'writes/s: {{kind}}' },
      ],
    },
  ],
};
