import { readdirSync, readFileSync } from 'node:fs';
import type { KubeTransport } from '../../common/kube/transport.ts';

/** A pod as it is killed. */
export interface Victim {
  namespace: string;
  name: string;
  /** Of its containers, as this machine numbers them; empty where the cluster's processes are not to be seen from here. */
  pids: readonly number[];
}

/** Looks the pod's processes up, so that killing it takes no time later. A native cluster's are this machine's own; those of any other provider are killed by the API alone, some 100 ms later. */
export function victim(namespace: string, { metadata: { name, uid } }: { metadata: { name: string; uid: string } }): Victim {
  const marks = [`pod${uid}`, `pod${uid.replaceAll('-', '_')}`];
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && marks.some((mark) => cgroupOf(pid).includes(mark)));
  return { namespace, name, pids };
}

/** As a node that loses its power: its processes end in this very moment, without grace or drain. Then the API is told, so that another one takes its place without the kubelet's back-off. */
export async function killPod(kube: KubeTransport, { namespace, name, pids }: Victim): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  await kube.request('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, {
    contentType: 'application/json',
    body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 },
  });
}

function cgroupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
