import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binDir } from '../paths.ts';
import { waitFor } from '../wait.ts';
import { addresses } from './addresses.ts';
import { kubeconfigFile } from './certificates.ts';
import { cgroupRoot, createCgroups } from './cgroups.ts';
import { configFile, files, pkiFile } from './files.ts';
import { kubectl } from './kubectl.ts';
import { startPart } from './processes.ts';

export function startKubelet(): void {
  createCgroups();
  for (const folder of [files.kubelet, files.podLogs]) mkdirSync(folder, { recursive: true });
  writeFileSync(configFile('resolv.conf'), `nameserver ${addresses.dns}\n`);
  writeFileSync(configFile('kubelet.json'), JSON.stringify(config, null, 2));
  startPart({
    name: 'kubelet',
    command: [
      join(binDir.kubernetes, 'kubelet'),
      `--config=${configFile('kubelet.json')}`,
      `--kubeconfig=${kubeconfigFile('kubelet')}`,
      `--root-dir=${files.kubelet}`,
      `--node-ip=${addresses.node}`,
      `--hostname-override=${addresses.nodeName}`,
    ],
  });
}

export async function untilNodeReady(): Promise<void> {
  await waitFor('node Ready', 60_000, nodeReady, 200);
}

async function nodeReady(): Promise<boolean> {
  const ready = await kubectl(['get', 'node', addresses.nodeName, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']);
  return ready === 'True';
}

const config = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pkiFile('ca.crt') } },
  authorization: { mode: 'Webhook' },
  containerRuntimeEndpoint: `unix://${files.containerdSocket}`,
  clusterDomain: 'cluster.local',
  clusterDNS: [addresses.dns],
  resolvConf: configFile('resolv.conf'),
  cgroupDriver: 'cgroupfs',
  cgroupRoot,
  // The machines this is for still have cgroup v1, or swap, or no right to lower oom_score_adj.
  failCgroupV1: false,
  failSwapOn: false,
  oomScoreAdj: 0,
  serializeImagePulls: false,
  // Images are imported, not pulled: one collected as garbage would not come back.
  imageGCHighThresholdPercent: 100,
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%', 'nodefs.inodesFree': '1%' },
  maxPods: 250,
  podLogsDir: files.podLogs,
  volumePluginDir: join(files.kubelet, 'plugins-exec'),
};
