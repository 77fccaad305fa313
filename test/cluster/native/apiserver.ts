import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { binDir } from '../paths.ts';
import { addresses } from './addresses.ts';
import { pkiFile } from './files.ts';
import { type Part, recorded, startPart, stopProcess, untilReady } from './processes.ts';

const apiServer: Part = {
  name: 'kube-apiserver',
  command: [
    join(binDir.kubernetes, 'kube-apiserver'),
    '--etcd-servers=http://127.0.0.1:2379',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--advertise-address=${addresses.node}`,
    `--service-cluster-ip-range=${addresses.services}`,
    `--client-ca-file=${pkiFile('ca.crt')}`,
    `--tls-cert-file=${pkiFile('apiserver.crt')}`,
    `--tls-private-key-file=${pkiFile('apiserver.key')}`,
    `--kubelet-client-certificate=${pkiFile('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${pkiFile('apiserver-kubelet-client.key')}`,
    // Logs and exec would else look the node's name up in DNS.
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pkiFile('service-account.pub')}`,
    `--service-account-signing-key-file=${pkiFile('service-account.key')}`,
    '--event-ttl=1h',
    '--profiling=false',
  ],
};

/** Also after a stop: the data lies in etcd. */
export async function startApiServer(): Promise<void> {
  startPart(apiServer);
  await untilReady('kube-apiserver', 60_000, apiServerReady);
}

/** A real stop of the process: what fault tests call an API server that is gone. */
export async function stopApiServer(): Promise<void> {
  const process = recorded('kube-apiserver');
  // It waits for open watches when asked politely; a fault is not polite.
  if (process) await stopProcess(process, 500);
}

/** Asked with the administrator's certificate over a connection of its own. */
export function apiServerReady(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const probe = request(`${addresses.apiServer}/readyz`, {
        ca: readFileSync(pkiFile('ca.crt')),
        cert: readFileSync(pkiFile('admin.crt')),
        key: readFileSync(pkiFile('admin.key')),
        agent: false,
        timeout: 2000,
      });
      probe.on('response', (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      probe.on('timeout', () => probe.destroy(new Error('timeout')));
      probe.on('error', () => resolve(false));
      probe.end();
    } catch {
      // No certificates yet.
      resolve(false);
    }
  });
}
