import type { KubeTransport } from '../../common/kube/transport.ts';

/** One line of a `/metrics`. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;

/** Prometheus' text format, comments left out. Example: `a_total{x="1"} 2` → {name: 'a_total', labels: {x: '1'}, value: 2}. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', of = '']): [string, string] => [key, of]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The sum over the series of this name that have these labels; undefined when there is none. */
export function total(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined {
  const own = samples.filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value));
  return own.length === 0 ? undefined : own.reduce((sum, { value }) => sum + value, 0);
}

/** The metrics of each pod of one of Lull's components, as its own /metrics tells them. */
export async function componentMetrics(kube: KubeTransport, component: 'operator' | 'activator'): Promise<Sample[][]> {
  const selector = encodeURIComponent(`app.kubernetes.io/component=${component}`);
  const { body } = await kube.request('GET', `/api/v1/namespaces/lull-system/pods?labelSelector=${selector}`);
  const { items } = body as { items: { metadata: { name: string; deletionTimestamp?: string } }[] };
  const alive = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return Promise.all(
    alive.map(async ({ metadata }) => {
      const answer = await kube.request('GET', `/api/v1/namespaces/lull-system/pods/${metadata.name}:9090/proxy/metrics`);
      return parseMetrics(String(answer.body));
    }),
  );
}
