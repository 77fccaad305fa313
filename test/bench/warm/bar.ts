import type { KubeTransport } from '../../../common/kube/transport.ts';
import { median } from '../coldstart/statistics.ts';
import { quantile } from '../scale/quantile.ts';

/** One bar, and whether it was met. */
export interface Bar {
  text: string;
  met: boolean;
}

/** A part of the bench: measures in a namespace of its own. */
export type Part = (kube: KubeTransport, namespace: string) => Promise<Bar[]>;

/** `p50 28, p99 41 ms (n = 30)`. */
export function spread(samples: readonly number[]): string {
  return `p50 ${median(samples).toFixed(1)}, p99 ${quantile(samples, 0.99).toFixed(1)} ms (n = ${samples.length})`;
}
