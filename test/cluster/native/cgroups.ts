import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../wait.ts';
import { updateState } from './state.ts';

const root = '/sys/fs/cgroup';
const name = 'lull';

/** Every container of the cluster lives below this group, so a killed run's containers can be found by it. */
export const cgroupRoot = `/${name}`;

const unified = (): boolean => existsSync(join(root, 'cgroup.controllers'));

/** Our group in every hierarchy (cgroup v1, and the one of v2 that a hybrid machine has beside them), or the only one (v2). */
function groups(): readonly string[] {
  if (unified()) return [join(root, name)];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name, name));
}

export function createCgroups(): void {
  updateState({ cgroup: name });
  if (unified()) {
    const controllers = readFileSync(join(root, 'cgroup.controllers'), 'utf8').trim().split(' ');
    const enable = controllers.map((controller) => `+${controller}`).join(' ');
    writeFileSync(join(root, 'cgroup.subtree_control'), enable);
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, 'cgroup.subtree_control'), enable);
    return;
  }
  for (const group of groups()) {
    mkdirSync(group, { recursive: true });
    // A new cpuset is empty, and then no process may enter it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (existsSync(join(group, file))) writeFileSync(join(group, file), readFileSync(join(group, '..', file)));
    }
  }
}

/** Kills every process below our groups and removes them. Nobody else puts a process there. */
export async function removeCgroups(): Promise<void> {
  const killAll = async (): Promise<boolean> => {
    const pids = new Set(groups().flatMap((group) => descend(group).flatMap(processesOf)));
    for (const pid of pids) kill(pid);
    return pids.size === 0;
  };
  await waitFor('end of every container', 10_000, killAll, 30);
  const removeAll = async (): Promise<boolean> => {
    for (const group of groups()) for (const path of descend(group)) remove(path);
    return !groups().some(existsSync);
  };
  // The kernel may count the dead for a moment longer; an empty group left behind does no harm.
  await waitFor('removal of the control groups', 2000, removeAll, 50).catch(() => {});
}

/** The group and all below it, the innermost first. */
function descend(group: string): readonly string[] {
  if (!existsSync(group)) return [];
  const children = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => descend(join(group, child.name))), group];
}

function processesOf(group: string): readonly number[] {
  try {
    return readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function remove(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // Not empty yet.
  }
}
