import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec, succeeds } from '../exec.ts';
import { configFile, files } from './files.ts';
import { mountNodeDisk } from './node-disk.ts';
import { pauseArchive, pauseImage } from './pause.ts';
import { startPart, untilReady } from './processes.ts';

// restrict_oom_score_adj: without CAP_SYS_RESOURCE runc cannot lower it, and no sandbox would start.
// netns_mounts_under_state_dir: what a killed run leaves mounted then lies in our own folder.
const config = `version = 2
root = "${files.containerdRoot}"
state = "${files.containerdState}"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "${files.containerdSocket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(files.containerd, 'opt')}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(files.cni, 'net.d')}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "${join(files.containerd, 'runc')}"
      SystemdCgroup = false
`;

export async function startContainerd(): Promise<void> {
  mkdirSync(files.containerd, { recursive: true });
  await mountNodeDisk(files.containerdRoot);
  mkdirSync(files.config, { recursive: true });
  writeFileSync(configFile('containerd.toml'), config);
  startPart({ name: 'containerd', command: ['containerd', '--config', configFile('containerd.toml')] });
  const archive = await pauseArchive();
  await untilReady('containerd', 30_000, () => succeeds('ctr', ['-a', files.containerdSocket, 'version']));
  await importImage(archive);
}

/** Into the namespace in which the kubelet looks. */
export async function importImage(archive: string): Promise<void> {
  await exec('ctr', ['-a', files.containerdSocket, '-n', 'k8s.io', 'image', 'import', archive]);
}
