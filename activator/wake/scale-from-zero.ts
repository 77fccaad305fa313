import { KubeError } from '../../common/kube/kube-error.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import type { ScaleFromZero } from './waker.ts';

interface ScaleBody {
  metadata: { resourceVersion?: string };
  spec?: { replicas?: number };
}

/** A wake must not take longer than an API server that hangs would let it: it is tried again. */
const TIMEOUT_MILLIS = 5000;

/**
 * One patch of `deployments/scale` that only holds at zero (docs/adr/0002): the API server leaves `replicas` out when it is 0, so testing for its absence
 * makes the patch conditional, and a stale view can never scale a busy function down to one pod.
 */
export function scaleFromZero(transport: KubeTransport): ScaleFromZero {
  return async (namespace, deployment, replicas) => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}/scale?fieldManager=lull-scale`;
    const body = [
      { op: 'test', path: '/spec/replicas', value: null },
      { op: 'add', path: '/spec/replicas', value: replicas },
    ];
    try {
      await transport.request('PATCH', path, { body, contentType: 'application/json-patch+json', timeoutMillis: TIMEOUT_MILLIS });
      return true;
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 422) throw error;
      return scaleIfZero(transport, path, replicas);
    }
  };
}

/** Not absent: either not at zero any more, or this API server writes the 0 out. */
async function scaleIfZero(transport: KubeTransport, path: string, replicas: number): Promise<boolean> {
  const { body } = await transport.request('GET', path, { timeoutMillis: TIMEOUT_MILLIS });
  const scale = body as ScaleBody;
  if ((scale.spec?.replicas ?? 0) !== 0) return false;
  const patch = { metadata: { resourceVersion: scale.metadata.resourceVersion }, spec: { replicas } };
  await transport.request('PATCH', path, { body: patch, contentType: 'application/merge-patch+json', timeoutMillis: TIMEOUT_MILLIS });
  return true;
}
