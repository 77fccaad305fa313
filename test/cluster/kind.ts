import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';
import { step } from './log.ts';
import { runDir } from './paths.ts';
import { forward, stopForward } from './port-forward.ts';
import type { ClusterProvider } from './provider.ts';

const cluster = 'lull';
const kubeconfig = join(runDir, 'kind.kubeconfig');

/** A cluster in containers, where a Docker engine answers. */
export const kind: ClusterProvider = {
  name: 'kind',
  unsupported: ['no Service of type LoadBalancer', 'faults of the control plane are not injected'],
  up: async () => {
    mkdirSync(runDir, { recursive: true });
    const clusters = (await exec('kind', ['get', 'clusters'])).split('\n');
    if (clusters.includes(cluster)) {
      await exec('kind', ['export', 'kubeconfig', '--name', cluster, '--kubeconfig', kubeconfig]);
      return step('already up');
    }
    await exec('kind', ['create', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig, '--wait', '120s'], { onStderr: step });
  },
  down: async () => {
    stopForward('lull-system', 'lull-activator');
    await exec('kind', ['delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig]);
  },
  kubeconfig: () => kubeconfig,
  url: (namespace, service) => forward(kubeconfig, namespace, service),
  loadImages: async (archives) => {
    for (const archive of archives) await exec('kind', ['load', 'image-archive', archive, '--name', cluster]);
  },
};
