import type { Row } from '../panel.ts';
import { NAME, of, quantile, rate } from '../promql.ts';

const PHASE = 'lull_activator_function_cold_start_phase_seconds';

export const waking: Row = {
  title: 'Waking and holding',
  panels: [
    {
      title: 'Held requests',
      description: 'Requests that wait for a pod now, in all activators. Held with no pod known for minutes: the pod does not come up.',
      unit: 'short',
      queries: [
        { expr: `sum by (namespace, function) (${of('lull_activator_function_held')})`, legend: NAME },
        { expr: `max by (namespace, function) (${of('lull_activator_function_pods')})`, legend: `${NAME} pods`, bound: true },
      ],
    },
    {
      title: 'Time held',
      description: 'Of those requests that had to wait.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'lull_activator_function_hold_seconds'), legend: `${NAME} p50` },
        { expr: quantile(0.99, 'lull_activator_function_hold_seconds'), legend: `${NAME} p99` },
      ],
    },
    {
      title: 'Cold starts',
      description: 'Wakes from zero that were answered, a minute; and wakes that failed and were tried again.',
      unit: 'short',
      queries: [
        { expr: `60 * sum by (namespace, function) (${rate(of('lull_activator_function_cold_starts_total'))})`, legend: NAME },
        { expr: `60 * sum(${rate('lull_activator_wake_errors_total')})`, legend: 'wakes that failed' },
      ],
    },
    {
      title: 'Cold start',
      description: 'From the wake to the first byte of an answer.',
      unit: 's',
      width: 12,
      queries: [
        { expr: quantile(0.5, 'lull_activator_function_cold_start_seconds'), legend: `${NAME} p50` },
        { expr: quantile(0.99, 'lull_activator_function_cold_start_seconds'), legend: `${NAME} p99` },
      ],
    },
    {
      title: 'Cold start by phase, mean of the functions chosen',
      description:
        'turn: many wake at once; patch: the API server; bound: the scheduler; process: kubelet, image and container; announce: the bridge; handler: your code, until it answers. They add up to the whole.',
      unit: 's',
      width: 12,
      stacked: true,
      queries: [
        { expr: `sum by (phase) (${rate(of(`${PHASE}_sum`))}) / sum by (phase) (${rate(of(`${PHASE}_count`))})`, legend: '{{phase}}' },
      ],
    },
  ],
};
