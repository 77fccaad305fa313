import { KubeConfig } from '@kubernetes/client-node';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { type Credentials, undiciTransport } from '../../common/kube/undici-transport.ts';

/**
 * A transport with whatever credentials client-node finds: KUBECONFIG (certificates, tokens, exec plugins) or the pod's service account, rotation included.
 * client-node is imported here only: it costs 75 to 100 MB and 0.6 s (STYLE.md, fact 5), which the activator must not pay.
 */
export function clientTransport(): KubeTransport {
  const config = new KubeConfig();
  config.loadFromDefault();
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('no cluster: set KUBECONFIG, or run in a pod with a service account');
  return undiciTransport({ server, credentials: () => credentials(config) });
}

async function credentials(config: KubeConfig): Promise<Credentials> {
  const options: {
    ca?: unknown;
    cert?: unknown;
    key?: unknown;
    rejectUnauthorized?: boolean;
    servername?: string;
    headers?: Record<string, unknown>;
    auth?: string;
  } = {};
  await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  const header = options.headers?.['Authorization'] ?? options.headers?.['authorization'];
  const text = (value: unknown): string | undefined => (value === undefined || value === null ? undefined : String(value));
  const ca = text(options.ca);
  const cert = text(options.cert);
  const key = text(options.key);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(options.servername !== undefined && { servername: options.servername }),
    ...(options.rejectUnauthorized === false && { insecure: true }),
    ...(typeof header === 'string' && { authorization: header }),
  };
}
