import { readdirSync, readFileSync } from 'node:fs';

/** Reads a file of /proc or /sys; throws when there is none. */
type Read = (path: string) => string;

const readText: Read = (path) => readFileSync(path, 'utf8');

const listFolder = (path: string): string[] => readdirSync(path);

/** Peak resident memory (VmHWM) of a process, in bytes; 0 when it is gone. */
export function peakMemoryBytes(pid: number, read: Read = readText): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The sum of that of all that a process started, and of what those started, as far as they still run. A file is read for each thread. */
export function descendantsPeakBytes(pid: number, read: Read = readText, list: (path: string) => string[] = listFolder): number {
  let bytes = 0;
  try {
    for (const thread of list(`/proc/${pid}/task`))
      for (const child of read(`/proc/${pid}/task/${thread}/children`).split(' '))
        if (child.trim() !== '') bytes += peakMemoryBytes(Number(child), read) + descendantsPeakBytes(Number(child), read, list);
  } catch {
    // It has just ended.
  }
  return bytes;
}

/** Where the kernel says it: with cgroup v2, and with v1. */
const OOM_FILES = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'];

/** How often the kernel has killed a process of this container for memory; 0 where it does not say. */
export function oomKills(read: Read = readText): number {
  for (const file of OOM_FILES) {
    try {
      return Number(/^oom_kill (\d+)$/m.exec(read(file))?.[1] ?? 0);
    } catch {
      // The other one.
    }
  }
  return 0;
}
