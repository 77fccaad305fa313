import { BRIDGE_CONTAINER, FUNCTION_CONTAINER } from '../../common/api/names.ts';
import type { Pod } from './objects.ts';

/**
 * Pods whose function cannot start again: their bridge container was replaced, by which it got another process number than the ones that are looked for
 * (image-containers.ts), and the function's container is not running. It takes code that kills every process it may to get there; the kubelet would try for ever, while a new
 * pod is there in a second.
 */
export function lostBridge(pods: readonly Pod[]): string[] {
  return pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && isLost(pod)).map(({ metadata }) => metadata.name);
}

function isLost({ status }: Pod): boolean {
  const of = (container: string) => status?.containerStatuses?.find(({ name }) => name === container);
  const fn = of(FUNCTION_CONTAINER)?.state;
  return (of(BRIDGE_CONTAINER)?.restartCount ?? 0) > 0 && (fn?.waiting !== undefined || fn?.terminated !== undefined);
}
