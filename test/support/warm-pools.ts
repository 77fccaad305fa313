import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { getJson } from './kubectl.ts';
import { scaleToZero } from './scale-to-zero.ts';
import { until } from './wait.ts';

/** A WarmPool manifest. */
export function warmPool(name: string, namespace: string, spec: LullWarmPool['spec']): object {
  return { apiVersion: 'lull.dev/v1alpha1', kind: 'WarmPool', metadata: { name, namespace }, spec };
}

export interface PoolPod {
  metadata: {
    name: string;
    uid: string;
    labels: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  status: { phase: string; podIP?: string; conditions?: { type: string; status: string }[] };
}

/** Pods of a pool that are there, claimed ones too unless told otherwise; of all pools of the namespace when none is named. */
export async function poolPods(kube: KubeTransport, namespace: string, pool?: string, state?: 'free' | 'claimed'): Promise<PoolPod[]> {
  const selector = [
    pool === undefined ? 'lull.dev/warm-pool' : `lull.dev/warm-pool=${pool}`,
    ...(state ? [`lull.dev/warm-state=${state}`] : []),
  ];
  const { body } = await kube.request(
    'GET',
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector.join(','))}`,
  );
  return (body as { items: PoolPod[] }).items;
}

export function isReady({ metadata, status }: PoolPod): boolean {
  return !metadata.deletionTimestamp && (status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false);
}

/** Waits until a pool has at least so many free pods that are Ready. */
export function untilFree(kube: KubeTransport, namespace: string, pool: string, count: number, timeoutMillis = 60_000): Promise<true> {
  return until(
    `${count} free pods of ${namespace}/${pool}`,
    async () => (await poolPods(kube, namespace, pool, 'free')).filter(isReady).length >= count,
    timeoutMillis,
    100,
  );
}

/** Waits until a function may use a warm pool. */
export function untilEligible(name: string, namespace: string): Promise<true> {
  return until(`${namespace}/${name} may use a warm pool`, async () => {
    const fn = await getJson<{ status?: { warm?: { eligible: boolean; revision?: string }; activeRevision?: string } }>([
      'fn',
      name,
      '-n',
      namespace,
    ]);
    return fn.status?.warm?.eligible === true && fn.status.warm.revision === fn.status.activeRevision;
  });
}

/** Waits until a pod of the function's own is Ready and has taken over from a claimed one, scales its revision to zero by hand, and waits until no pod of the function is left. */
export async function toZero(kube: KubeTransport, namespace: string, name: string, revision: string): Promise<void> {
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${revision}`;
  await until(
    `a pod of ${namespace}/${name} is Ready`,
    async () => ((await kube.request('GET', deployment)).body as { status?: { readyReplicas?: number } }).status?.readyReplicas,
    60_000,
    100,
  );
  await scaleToZero(kube, namespace, revision, `lull.dev/function=${name}`);
}
