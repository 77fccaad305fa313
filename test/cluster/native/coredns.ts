import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binDir } from '../paths.ts';
import { addresses } from './addresses.ts';
import { kubeconfigFile } from './certificates.ts';
import { configFile } from './files.ts';
import { kubectl } from './kubectl.ts';
import { startPart } from './processes.ts';

// A name outside the cluster is refused at once: there is nobody to ask, and a resolver that waits makes tests slow.
const corefile = `cluster.local:53 in-addr.arpa:53 {
  bind ${addresses.node}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigFile('coredns')}
    pods insecure
    ttl 5
  }
}
.:53 {
  bind ${addresses.node}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;

/** Beside the API server, not in a pod, so it costs no image; a Service without a selector leads to it. */
export async function startCoreDns(): Promise<void> {
  writeFileSync(configFile('Corefile'), corefile);
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
  startPart({ name: 'coredns', command: [join(binDir.coredns, 'coredns'), '-conf', configFile('Corefile')] });
}

const ports = [
  { name: 'dns', port: 53, protocol: 'UDP' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP' },
];

const manifests = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'lull-coredns' },
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'lull-coredns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'lull-coredns' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'lull-coredns' }],
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: { clusterIP: addresses.dns, ports },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kube-dns-native', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [addresses.node], conditions: { ready: true } }],
    ports,
  },
];
