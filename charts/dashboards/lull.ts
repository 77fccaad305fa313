import type { Dashboard } from './dashboard.ts';
import { bridges } from './rows/bridges.ts';
import { overview } from './rows/overview.ts';
import { requests } from './rows/requests.ts';
import { scaling } from './rows/scaling.ts';
import { waking } from './rows/waking.ts';
import { warmPools } from './rows/warm-pools.ts';
import { why } from './rows/why.ts';

/** The dashboard of an installation of Lull, and of each function in it. */
export const lull: Dashboard = {
  title: 'Lull',
  description:
    'Functions: what they are asked, how many pods carry it, and why so many. Metrics: docs/reference/metrics.md; alerts: docs/guides/operations.md.',
  variables: [
    { name: 'namespace', label: 'Namespace', query: 'label_values(lull_activator_function_demand, namespace)' },
    { name: 'function', label: 'Function', query: 'label_values(lull_activator_function_demand{namespace=~"$namespace"}, function)' },
  ],
  rows: [overview, scaling, why, waking, warmPools, requests, bridges],
};
