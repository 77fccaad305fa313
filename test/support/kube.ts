import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { undiciTransport } from '../../common/kube/undici-transport.ts';

interface KubeConfigFile {
  'current-context': string;
  contexts: { name: string; context: { cluster: string; user: string } }[];
  clusters: { name: string; cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }[];
  users: {
    name: string;
    user: {
      token?: string;
      'client-certificate'?: string;
      'client-certificate-data'?: string;
      'client-key'?: string;
      'client-key-data'?: string;
    };
  }[];
}

/** A connection to the API server that KUBECONFIG names, for what kubectl would be too slow to time. */
export function kubeFromEnvironment(): KubeTransport {
  const file = process.env['KUBECONFIG'];
  if (!file) throw new Error('KUBECONFIG is not set: eval "$(make -s env)"');
  const config = parse(readFileSync(file, 'utf8')) as KubeConfigFile;
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user) throw new Error(`${file}: the current context names no cluster or user`);
  const material = (path: string | undefined, data: string | undefined): string | undefined =>
    data !== undefined ? Buffer.from(data, 'base64').toString() : path === undefined ? undefined : readFileSync(path, 'utf8');
  const ca = material(cluster['certificate-authority'], cluster['certificate-authority-data']);
  const cert = material(user['client-certificate'], user['client-certificate-data']);
  const key = material(user['client-key'], user['client-key-data']);
  const { token } = user;
  return undiciTransport({
    server: cluster.server,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(token !== undefined && { authorization: () => `Bearer ${token}` }),
  });
}
