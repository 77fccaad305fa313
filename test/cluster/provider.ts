import { exec, succeeds } from './exec.ts';
import { existing } from './existing.ts';
import { kind } from './kind.ts';
import { native } from './native/index.ts';
import { isOwnKubeconfig } from './own-kubeconfig.ts';

/** Where a Kubernetes comes from. */
export interface ClusterProvider {
  readonly name: 'existing' | 'kind' | 'native';
  /** What a test must not expect of it; said aloud on `up`. */
  readonly unsupported: readonly string[];
  /** Returns at once when the cluster is up and healthy. */
  up(): Promise<void>;
  /** Removes everything that `up` made, and nothing else. */
  down(): Promise<void>;
  kubeconfig(): string;
  /** How this machine reaches a Service of the cluster by HTTP. */
  url(namespace: string, service: string): Promise<string | undefined>;
  /** Puts image archives where the cluster's pods find them. */
  loadImages(archives: readonly string[]): Promise<void>;
}

/** The user's own cluster if one is named, else kind where Docker answers, else one made of plain processes. */
export async function chooseProvider(): Promise<ClusterProvider> {
  const wanted = process.env['LULL_CLUSTER'];
  switch (wanted) {
    case 'existing':
      return existing(userKubeconfig() ?? '');
    case 'kind':
      return kind;
    case 'native':
      return native;
    case undefined:
    case '':
      break;
    default:
      throw new Error(`LULL_CLUSTER is "${wanted}"; it is one of existing, kind, native`);
  }
  const kubeconfig = userKubeconfig();
  if (kubeconfig && (await reachable(kubeconfig))) return existing(kubeconfig);
  if (await dockerAnswers()) return kind;
  return native;
}

/** A kubeconfig that `make env` printed names our own cluster, not somebody else's. */
function userKubeconfig(): string | undefined {
  const named = process.env['LULL_KUBECONFIG'] || process.env['KUBECONFIG'];
  return named && !isOwnKubeconfig(named) ? named : undefined;
}

async function reachable(kubeconfig: string): Promise<boolean> {
  try {
    await exec('kubectl', ['--kubeconfig', kubeconfig, '--request-timeout=5s', 'get', '--raw', '/readyz'], { timeoutMs: 8000 });
    return true;
  } catch (error) {
    // Whoever sets LULL_KUBECONFIG means that cluster: to run on another one silently would be worse than to fail.
    if (process.env['LULL_KUBECONFIG']) throw error;
    return false;
  }
}

export function dockerAnswers(): Promise<boolean> {
  return succeeds('docker', ['info'], { timeoutMs: 5000 });
}
