import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binDir } from '../paths.ts';
import { addresses } from './addresses.ts';
import { kubeconfigFile } from './certificates.ts';
import { configFile, pkiFile } from './files.ts';
import { startPart } from './processes.ts';

/** The controller manager, the scheduler and kube-proxy: they need nothing but the API server. */
export function startControllers(): void {
  startPart({
    name: 'kube-controller-manager',
    command: [
      join(binDir.kubernetes, 'kube-controller-manager'),
      `--kubeconfig=${kubeconfigFile('controller-manager')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${pkiFile('service-account.key')}`,
      `--root-ca-file=${pkiFile('ca.crt')}`,
      `--cluster-signing-cert-file=${pkiFile('ca.crt')}`,
      `--cluster-signing-key-file=${pkiFile('ca.key')}`,
    ],
  });
  startPart({
    name: 'kube-scheduler',
    command: [
      join(binDir.kubernetes, 'kube-scheduler'),
      `--kubeconfig=${kubeconfigFile('scheduler')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
    ],
  });
  startPart({ name: 'kube-proxy', command: [join(binDir.kubernetes, 'kube-proxy'), `--config=${proxyConfig()}`] });
}

function proxyConfig(): string {
  const file = configFile('kube-proxy.json');
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigFile('proxy') },
    hostnameOverride: addresses.nodeName,
    mode: 'iptables',
    // Only what comes from outside the pods' range is masqueraded: a pod's own address reaches the pod it calls.
    clusterCIDR: addresses.pods,
    // These limits belong to the machine; a namespace may not set them.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
  };
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}
