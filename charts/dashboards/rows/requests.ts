import type { Row } from '../panel.ts';
import { NAME, of, quantile, rate } from '../promql.ts';

export const requests: Row = {
  title: 'Requests through the activators',
  panels: [
    {
      title: 'Answers by class of status',
      description: '499: the client left before the end.',
      unit: 'reqps',
      stacked: true,
      queries: [{ expr: `sum by (code) (${rate(of('lull_activator_function_requests_total'))})`, legend: '{{code}}' }],
    },
    {
      title: 'Time to the first byte',
      description: 'From a request to the first byte of its answer, holding and cold starts included.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'lull_activator_function_response_seconds'), legend: `${NAME} p50` },
        { expr: quantile(0.99, 'lull_activator_function_response_seconds'), legend: `${NAME} p99` },
      ],
    },
    {
      title: 'Errors by reason',
      description:
        'What the activator itself refused or gave up: the X-Lull-Error of the answer. What each means: docs/guides/operations.md.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (namespace, function, reason) (${rate(of('lull_activator_function_errors_total'))})`,
          legend: `${NAME} {{reason}}`,
        },
        { expr: `sum by (reason) (${rate('lull_activator_refused_total')})`, legend: 'of no function: {{reason}}' },
      ],
    },
    {
      title: 'Running',
      description: 'Requests that pods are at now.',
      unit: 'short',
      queries: [{ expr: `sum by (namespace, function) (${of('lull_activator_function_running')})`, legend: NAME }],
    },
    {
      title: 'Bytes of bodies',
      description: 'Up: of requests. Down: of answers.',
      unit: 'Bps',
      queries: [
        { expr: `sum by (namespace, function) (${rate(of('lull_activator_function_request_bytes_total'))})`, legend: `${NAME} up` },
        { expr: `sum by (namespace, function) (${rate(of('lull_activator_function_response_bytes_total'))})`, legend: `${NAME} down` },
      ],
    },
    {
      title: 'Activators: connections and CPU',
      description:
        'Connections of clients, and cores used, of each activator. One activator uses one core: near 1, add one (activator.replicas).',
      unit: 'short',
      queries: [
        { expr: 'lull_activator_connections{job="lull-activator"}', legend: '{{instance}} connections' },
        { expr: rate('process_cpu_seconds_total{job="lull-activator"}'), legend: '{{instance}} cores' },
      ],
    },
  ],
};
