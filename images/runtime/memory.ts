import { readdirSync, readFileSync } from 'node:fs';

/** Reads a file of /proc or /sys; throws when there is none. */
type Read = (path: string) => string;

const readText: Read = (path) => readFileSync(path, 'utf8');

/**
 * Peak resident memory, in bytes, of a process and of all that it started, as far as those still run: the sum of their VmHWM. 0 when it is gone.
 */
export function peakMemoryBytes(
  pid: number,
  read: Read = readText,
  list: (path: string) => string[] = (path) => readdirSync(path),
): number {
  try {
    const kilobytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    let bytes = kilobytes * 1024;
    for (const thread of list(`/proc/${pid}/task`))
      for (const child of read(`/proc/${pid}/task/${thread}/children`).split(' '))
        if (child.trim() !== '') bytes += peakMemoryBytes(Number(child), read, list);
    return bytes;
  } catch {
    return 0;
  }
}

/** How often the kernel has killed a process of this container for memory; 0 where it does not say (cgroup v1). */
export function oomKills(read: Read = readText): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(read('/sys/fs/cgroup/memory.events'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
