import { join } from 'node:path';
import { runDir } from '../paths.ts';

/** Where the native cluster keeps what belongs to this run. */
export const files = {
  state: join(runDir, 'state.json'),
  pki: join(runDir, 'pki'),
  logs: join(runDir, 'logs'),
  config: join(runDir, 'config'),
  admin: join(runDir, 'admin.kubeconfig'),
  etcd: join(runDir, 'etcd'),
  containerd: join(runDir, 'containerd'),
  /** Images, and what containers write. */
  containerdRoot: join(runDir, 'containerd', 'root'),
  containerdSocket: join(runDir, 'containerd', 'containerd.sock'),
  containerdState: join(runDir, 'containerd', 'state'),
  cni: join(runDir, 'cni'),
  kubelet: join(runDir, 'kubelet'),
  podLogs: join(runDir, 'pod-logs'),
} as const;

export const pkiFile = (name: string): string => join(files.pki, name);
export const configFile = (name: string): string => join(files.config, name);
