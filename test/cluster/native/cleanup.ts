import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { succeeds } from '../exec.ts';
import { step } from '../log.ts';
import { runDir } from '../paths.ts';
import { commandLine, startTicks } from '../process-identity.ts';
import { removeCgroups } from './cgroups.ts';
import { files } from './files.ts';
import { runs, stopProcess } from './processes.ts';
import { bootId, readState, type State } from './state.ts';

/**
 * Removes what the recorded run made, whether it ended in order or was killed: its processes, its containers, then what they
 * held (mounts, the network namespace with its rules and links) and its files. Touches nothing that the record does not name.
 */
export async function cleanUp(): Promise<void> {
  const state = readState();
  if (state) {
    // After a reboot only files are left, and the recorded pids are somebody else's.
    if (state.boot === bootId()) await removeLive(state);
    else if (state.netns) rmSync(`/var/run/netns/${state.netns}`, { force: true });
  }
  removeLinksOutside();
  if (existsSync(runDir)) rmSync(runDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function removeLive(state: State): Promise<void> {
  const alive = state.processes.filter(runs);
  if (alive.length < state.processes.length && state.ready) step(`${state.processes.length - alive.length} of its processes were killed`);
  // Containers stay where nobody restarts them: those who would go first.
  for (const helper of state.helpers ?? []) if (runs(helper)) await stopProcess(helper, 700);
  await Promise.all(alive.map((process) => stopProcess(process, process.name === 'containerd' ? 1500 : 700)));
  endShims();
  if (state.cgroup) await removeCgroups();
  removeShimSockets();
  await unmountBelow(runDir);
  if (state.netns) await succeeds('ip', ['netns', 'delete', state.netns]);
  // It goes with the namespace, unless the run was killed between the two.
  if (state.hostLink) await succeeds('ip', ['link', 'delete', state.hostLink]);
}

/** A shim outlives containerd by design; ours name our containerd's socket. */
function endShims(): void {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const [command = '', ...args] = commandLine(pid);
    if (!command.includes('containerd-shim') || args[args.indexOf('-address') + 1] !== files.containerdSocket) continue;
    if (startTicks(pid) !== undefined) process.kill(pid, 'SIGKILL');
  }
}

/** Shims listen in /run/containerd/s, whatever containerd's own folder; each bundle names its socket. */
function removeShimSockets(): void {
  const bundles = join(files.containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(bundles)) return;
  for (const bundle of readdirSync(bundles)) {
    const address = join(bundles, bundle, 'address');
    if (existsSync(address))
      rmSync(
        readFileSync(address, 'utf8')
          .trim()
          .replace(/^unix:\/\//, ''),
        { force: true },
      );
  }
}

async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\040/g, ' '))
    .filter((target) => target.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
  if (mounts.length > 0) await succeeds('umount', ['--lazy', ...mounts]);
}

/** The kubelet links pods' logs into /var/log, and CNI keeps results by network: both are fixed paths. */
function removeLinksOutside(): void {
  const logs = '/var/log/containers';
  for (const name of list(logs)) if (linkTarget(join(logs, name)).startsWith(runDir)) rmSync(join(logs, name), { force: true });
  const results = '/var/lib/cni/results';
  for (const name of list(results)) if (name.startsWith('lull-')) rmSync(join(results, name), { force: true });
}

function list(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
