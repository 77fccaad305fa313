import type { Row } from '../panel.ts';
import { of, quantile, rate } from '../promql.ts';

/** The pools of the chosen namespaces: a pool is no function's. */
const ofPools = (metric: string): string => `${metric}{namespace=~"$namespace"}`;
const BY_POOL = 'namespace, warmpool';
const POOL = '{{namespace}}/{{warmpool}}';

export const warmPools: Row = {
  title: 'Warm pools',
  panels: [
    {
      title: 'Free pods',
      description:
        'Pods of warm pools that are ready to be claimed, and how many are wanted. None for minutes: the condition Ready of the WarmPool says why.',
      unit: 'short',
      queries: [
        { expr: `max by (${BY_POOL}) (${ofPools('lull_warmpool_free')})`, legend: POOL },
        { expr: `max by (${BY_POOL}) (${ofPools('lull_warmpool_size')})`, legend: `${POOL} size`, bound: true },
      ],
    },
    {
      title: 'Claims a minute',
      description:
        'Pods of warm pools that functions wanted, in all namespaces. claimed: got one. empty: there was none, so the pool is too small or does not fill. refused, timeout: the ordinary wake took over.',
      unit: 'short',
      stacked: true,
      queries: [{ expr: `60 * sum by (result) (${rate('lull_activator_claims_total')})`, legend: '{{result}}' }],
    },
    {
      title: 'Cold starts a minute, by kind',
      description:
        'Wakes from zero of the chosen functions. claimed: a pod of a warm pool answered first; ordinary: one of its own. And claims: a burst takes several.',
      unit: 'short',
      queries: [
        { expr: `60 * sum by (kind) (${rate(of('lull_activator_function_cold_starts_total'))})`, legend: '{{kind}}' },
        { expr: `60 * sum by (${BY_POOL}) (${rate(ofPools('lull_warmpool_claims_total'))})`, legend: `${POOL} claims`, bound: true },
      ],
    },
    {
      title: 'Cold start, by kind',
      description: 'From the wake to the first byte of an answer, in all chosen functions: what a caller waits with a pool, and without.',
      unit: 's',
      width: 6,
      queries: [
        { expr: quantile(0.5, 'lull_activator_function_cold_start_seconds', 'kind'), legend: '{{kind}} p50' },
        { expr: quantile(0.99, 'lull_activator_function_cold_start_seconds', 'kind'), legend: '{{kind}} p99' },
      ],
    },
    {
      title: 'Cost: idle pod-seconds, each second',
      description: 'What pools cost: pods that stand free, on the average.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `sum by (${BY_POOL}) (${rate(ofPools('lull_warmpool_idle_pod_seconds_total'))})`, legend: POOL }],
    },
    {
      title: 'Saving: waiting saved, each minute',
      description: 'What pools give: seconds that callers did not wait, against the mean ordinary wake of the same functions.',
      unit: 's',
      width: 6,
      queries: [{ expr: `60 * sum by (${BY_POOL}) (${rate(ofPools('lull_warmpool_saved_seconds_total'))})`, legend: POOL }],
    },
    {
      title: 'Pods that failed, a minute',
      description:
        'Pods of pools that ended before anybody claimed them, or that the API server refused: the condition Ready of the WarmPool says why.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `60 * sum by (${BY_POOL}) (${rate(ofPools('lull_warmpool_pod_failures_total'))})`, legend: POOL }],
    },
  ],
};
