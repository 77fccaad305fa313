import type { KubeTransport } from '../../common/kube/transport.ts';
import { until } from './wait.ts';

/** Scales a Deployment to zero by hand, and waits until no pod of the selector is left, not even a terminating one. */
export async function scaleToZero(kube: KubeTransport, namespace: string, deployment: string, selector: string): Promise<void> {
  await kube.request('PATCH', `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}/scale`, {
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas: 0 } },
  });
  await until(
    `no pod of ${namespace}, ${selector}`,
    async () => {
      const { body } = await kube.request('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`);
      return (body as { items: unknown[] }).items.length === 0;
    },
    90_000,
    100,
  );
}
