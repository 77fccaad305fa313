import type { Row } from '../panel.ts';
import { NAME, of, quantile, rate } from '../promql.ts';

export const bridges: Row = {
  title: 'In the pods: bridges',
  panels: [
    {
      title: 'Answers by status',
      description: 'As the handler, or the bridge in its place, answered them.',
      unit: 'reqps',
      stacked: true,
      queries: [{ expr: `sum by (code) (${rate(of('lull_bridge_requests_total'))})`, legend: '{{code}}' }],
    },
    {
      title: 'Duration',
      description: 'Time that the handler takes. What the time to the first byte has beyond it is Lull’s and the network’s.',
      unit: 's',
      queries: [
        { expr: quantile(0.5, 'lull_bridge_request_duration_seconds'), legend: `${NAME} p50` },
        { expr: quantile(0.99, 'lull_bridge_request_duration_seconds'), legend: `${NAME} p99` },
      ],
    },
    {
      title: 'Running',
      description: 'Requests that are being handled now; and those of them that came past the activators.',
      unit: 'short',
      queries: [
        { expr: `sum by (namespace, function) (${of('lull_bridge_running')})`, legend: NAME },
        { expr: `sum by (namespace, function) (${of('lull_bridge_direct_demand')})`, legend: `${NAME} direct` },
      ],
    },
    {
      title: 'Handlers that ended and were replaced',
      description:
        'A minute, by reason: exit and killed (look at the logs, and at memory), timeout (spec.timeoutSeconds), init (it did not load).',
      unit: 'short',
      queries: [
        {
          expr: `60 * sum by (namespace, function, reason) (${rate(of('lull_bridge_handler_restarts_total'))})`,
          legend: `${NAME} {{reason}}`,
        },
      ],
    },
    {
      title: 'Time to load the handler',
      description: 'The slowest pod’s last. It is the handler’s part of a cold start: imports, and what runs outside the handler function.',
      unit: 's',
      queries: [{ expr: `max by (namespace, function) (${of('lull_bridge_init_duration_seconds')})`, legend: NAME }],
    },
    {
      title: 'Direct requests',
      description: 'Requests that came past the activators (spec.directAccess), by class of status.',
      unit: 'reqps',
      queries: [
        { expr: `sum by (namespace, function, code) (${rate(of('lull_bridge_direct_requests_total'))})`, legend: `${NAME} {{code}}` },
      ],
    },
  ],
};
