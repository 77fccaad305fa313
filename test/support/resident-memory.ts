import { getJson, must } from './kubectl.ts';

/** Resident memory of each of a component's pods, in MiB, from its own metrics. */
export async function residentMebibytes(component: string): Promise<number[]> {
  const selector = `app.kubernetes.io/component=${component}`;
  const { items } = await getJson<{ items: { metadata: { name: string } }[] }>(['pods', '-n', 'lull-system', '-l', selector]);
  return Promise.all(
    items.map(async ({ metadata }) => {
      const text = await must(['get', '--raw', `/api/v1/namespaces/lull-system/pods/${metadata.name}:9090/proxy/metrics`]);
      return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 2 ** 20;
    }),
  );
}
