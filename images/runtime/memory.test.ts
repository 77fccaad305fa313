import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/support/wait.ts';
import { descendantsPeakBytes, oomKills, peakMemoryBytes } from './memory.ts';

describe('peak memory', () => {
  it('adds up a process and all below it, by whichever thread it was started', () => {
    const files: Record<string, string> = {
      '/proc/1/status': 'Name:\tx\nVmHWM:\t  1000 kB\nVmRSS:\t 10 kB\n',
      '/proc/1/task/1/children': '2 ',
      '/proc/1/task/7/children': '3 ',
      '/proc/2/status': 'VmHWM:\t 20 kB\n',
      '/proc/2/task/2/children': '',
      // 3 has just ended.
    };
    const tasks: Record<string, string[]> = { '/proc/1/task': ['1', '7'], '/proc/2/task': ['2'] };
    const read = (path: string): string => {
      const content = files[path];
      if (content === undefined) throw new Error('ENOENT');
      return content;
    };
    expect(peakMemoryBytes(1, read)).toBe(1000 * 1024);
    expect(descendantsPeakBytes(1, read, (path) => tasks[path] ?? [])).toBe(20 * 1024);
  });

  it('sees what a real process held and gave back', async () => {
    const child = spawn(process.execPath, [
      '-e',
      'let b = Buffer.alloc(200 << 20, 1); b = undefined; console.log(1); setInterval(() => 0, 1000)',
    ]);
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await until('200 MB were seen', () => Promise.resolve(peakMemoryBytes(child.pid ?? 0) > 200 << 20 || undefined));
    } finally {
      child.kill('SIGKILL');
    }
    await new Promise((resolve) => child.once('close', resolve));
    expect(peakMemoryBytes(child.pid ?? 0)).toBe(0);
  });
});

it('counts what the kernel has killed for memory, or nothing where it does not say', () => {
  expect(oomKills(() => 'low 0\nhigh 0\noom 2\noom_kill 3\noom_group_kill 1\n')).toBe(3);
  const v1 = (path: string): string => {
    if (!path.endsWith('/memory/memory.oom_control')) throw new Error('ENOENT');
    return 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n';
  };
  expect(oomKills(v1)).toBe(2);
  expect(
    oomKills(() => {
      throw new Error('ENOENT');
    }),
  ).toBe(0);
});
