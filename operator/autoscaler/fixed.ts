import type { LullFunction } from '../../common/api/function.ts';

/** Managers of `spec.replicas` whose name says less than who it is. */
const KNOWN: Readonly<Record<string, string>> = { 'kube-controller-manager': 'a HorizontalPodAutoscaler' };

/** The number of pods that a person, or their HorizontalPodAutoscaler, has fixed by spec.replicas, and who wrote it (from the API server's own managedFields). */
export function fixedReplicas(fn: LullFunction): { pods: number; by: string } | undefined {
  const { replicas } = fn.spec;
  if (replicas === undefined) return undefined;
  const entry = fn.metadata.managedFields?.find(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:replicas'] !== undefined);
  const manager = entry?.manager ?? 'somebody';
  return { pods: replicas, by: KNOWN[manager] ?? manager };
}
