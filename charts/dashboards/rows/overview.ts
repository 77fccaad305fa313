import type { Row } from '../panel.ts';
import { of, rate } from '../promql.ts';

const REQUESTS = 'lull_activator_function_requests_total';

export const overview: Row = {
  title: 'At a glance',
  panels: [
    {
      title: 'Functions asleep',
      description: 'Functions that no pod runs for now, and all there are.',
      kind: 'stat',
      unit: 'short',
      width: 4,
      queries: [
        { expr: `count(max by (namespace, function) (${of('lull_autoscaler_actual_pods')}) == 0) or vector(0)`, legend: 'asleep' },
        { expr: `count(max by (namespace, function) (${of('lull_autoscaler_actual_pods')})) or vector(0)`, legend: 'all' },
      ],
    },
    {
      title: 'Requests',
      description: 'Requests answered each second, those included that come past the activators.',
      kind: 'stat',
      unit: 'reqps',
      width: 4,
      queries: [
        { expr: `sum(${rate(of(REQUESTS))})`, legend: 'by activators' },
        { expr: `sum(${rate(of('lull_bridge_direct_requests_total'))}) or vector(0)`, legend: 'direct' },
      ],
    },
    {
      title: 'Held now',
      description: 'Requests that wait for a pod.',
      kind: 'stat',
      unit: 'short',
      width: 4,
      thresholds: { yellow: 100, red: 5000 },
      queries: [{ expr: `sum(${of('lull_activator_function_held')})`, legend: 'held' }],
    },
    {
      title: 'Errors',
      description: 'Part of the answers that had a status of 500 or more.',
      kind: 'stat',
      unit: 'percentunit',
      width: 4,
      thresholds: { yellow: 0.01, red: 0.05 },
      queries: [{ expr: `sum(${rate(of(REQUESTS, 'code="5xx"'))}) / sum(${rate(of(REQUESTS))})`, legend: '5xx' }],
    },
    {
      title: 'Activators that answer',
      description: 'While one that is listed does not, no function is scaled down.',
      kind: 'stat',
      unit: 'percentunit',
      width: 4,
      thresholds: { yellow: 1, red: 0.5 },
      queries: [{ expr: 'avg(up{job="lull-activator"})', legend: 'up' }],
    },
    {
      title: 'Leader; Prometheus',
      description: 'Whether an operator leads, and whether the Prometheus that it scales by answers it.',
      kind: 'stat',
      unit: 'short',
      width: 4,
      thresholds: { yellow: 1, red: 1 },
      words: { 0: 'no', 1: 'yes' },
      queries: [
        { expr: 'max(leader_election_master_status{job="lull-operator"})', legend: 'leader' },
        { expr: 'max(lull_autoscaler_prometheus_up)', legend: 'Prometheus' },
      ],
    },
  ],
};
