import { BRIDGE_ADMIN_PORT } from '../../common/api/names.ts';
import type { Settings } from './settings.ts';

/** A peer of a NetworkPolicy: all pods of a namespace. */
function inNamespace(name: string): { namespaceSelector: { matchLabels: Record<string, string> } } {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } };
}

/** Lets in the activators at `port`, and whoever scrapes metrics in Lull's namespace; nobody else may skip the queue and the limits. */
export function ingress({ namespace, scraperNamespaces }: Settings, port: number): object[] {
  const lull = inNamespace(namespace);
  return [
    {
      from: [{ ...lull, podSelector: { matchLabels: { 'app.kubernetes.io/component': 'activator' } } }],
      ports: [{ protocol: 'TCP', port }],
    },
    { from: [lull, ...scraperNamespaces.map(inNamespace)], ports: [{ protocol: 'TCP', port: BRIDGE_ADMIN_PORT }] },
  ];
}
