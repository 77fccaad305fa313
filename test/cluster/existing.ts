import { exec } from './exec.ts';
import { step } from './log.ts';
import { forward, stopForward } from './port-forward.ts';
import type { ClusterProvider } from './provider.ts';

/** A cluster that the user names. We make nothing in it here, and remove nothing. */
export function existing(kubeconfig: string): ClusterProvider {
  return {
    name: 'existing',
    unsupported: ['images cannot be loaded: the cluster must pull them', 'faults of the control plane are not injected'],
    up: async () => {
      if (!kubeconfig) throw new Error('LULL_CLUSTER=existing needs LULL_KUBECONFIG or KUBECONFIG');
      await exec('kubectl', ['--kubeconfig', kubeconfig, '--request-timeout=10s', 'get', '--raw', '/readyz']);
    },
    down: async () => stopForward('lull-system', 'lull-activator'),
    kubeconfig: () => kubeconfig,
    url: (namespace, service) => forward(kubeconfig, namespace, service),
    loadImages: async (archives) => {
      for (const archive of archives) step(`not loaded into the existing cluster, push it to its registry yourself: ${archive}`);
    },
  };
}
