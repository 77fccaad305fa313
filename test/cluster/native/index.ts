import { existsSync } from 'node:fs';
import { step } from '../log.ts';
import type { ClusterProvider } from '../provider.ts';
import { apiServerReady, startApiServer } from './apiserver.ts';
import { buildBinaries } from './build.ts';
import { createCertificates } from './certificates.ts';
import { cleanUp } from './cleanup.ts';
import { importImage, startContainerd } from './containerd.ts';
import { startControllers } from './controllers.ts';
import { startCoreDns } from './coredns.ts';
import { startEtcd } from './etcd.ts';
import { files } from './files.ts';
import { kubectl } from './kubectl.ts';
import { startKubelet, untilNodeReady } from './kubelet.ts';
import { createNetwork } from './network.ts';
import { runs } from './processes.ts';
import { readState, updateState } from './state.ts';

/** A real Kubernetes of plain processes, for a machine that has neither a cluster nor a Docker engine. */
export const native: ClusterProvider = {
  name: 'native',
  unsupported: [
    'NetworkPolicy is accepted but not enforced: the bridge CNI knows none',
    'one node',
    'no Service of type LoadBalancer, no storage class',
    'pods do not reach the Internet, but for package registries while something is built',
  ],
  up,
  down: cleanUp,
  kubeconfig: () => files.admin,
  url: serviceUrl,
  loadImages: async (archives) => {
    // One after another: unpacking is bound by the disk, and a failure names its archive.
    for (const archive of archives) await importImage(archive);
  },
};

async function up(): Promise<void> {
  if (await healthy()) return step('already up');
  if (onlyApiServerAway()) {
    // Stopped on purpose, or a test that stopped it was killed: its data and everything that runs is worth keeping.
    step('the API server is away: starting it again');
    return startApiServer();
  }
  if (process.getuid?.() !== 0) throw new Error('the native cluster needs root: it makes a network namespace and runs containers');
  await buildBinaries();
  if (existsSync(files.state)) step('removing what an earlier run left');
  await cleanUp();
  updateState({});
  step('network and certificates');
  await Promise.all([createNetwork(), createCertificates()]);
  step('etcd, containerd, API server');
  await Promise.all([startContainerd(), startEtcd().then(startApiServer)]);
  step('controllers, kubelet, CoreDNS');
  startControllers();
  startKubelet();
  await Promise.all([startCoreDns(), untilNodeReady()]);
  await untilUsable();
  updateState({ ready: true });
  step('node Ready');
}

/** The first pod of a namespace needs its service account, which the controller manager makes in its own time. */
async function untilUsable(): Promise<void> {
  await kubectl(['wait', '--for=create', 'serviceaccount/default', '-n', 'default', '--timeout=30s']);
}

function onlyApiServerAway(): boolean {
  const state = readState();
  return state?.ready === true && state.processes.every((process) => runs(process) === (process.name !== 'kube-apiserver'));
}

async function healthy(): Promise<boolean> {
  const state = readState();
  return state?.ready === true && state.processes.length > 0 && state.processes.every(runs) && (await apiServerReady());
}

/** The host has a route into the namespace, so a ClusterIP is reached as from a pod. */
async function serviceUrl(namespace: string, service: string): Promise<string | undefined> {
  const ip = await kubectl(['get', 'service', service, '-n', namespace, '--ignore-not-found', '-o', 'jsonpath={.spec.clusterIP}']);
  return ip ? `http://${ip}` : undefined;
}
