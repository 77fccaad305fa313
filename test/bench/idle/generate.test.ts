import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { generate } from './generate.ts';
import { endOf, parseTrace, readTrace, writeTrace } from './trace.ts';

describe('generate', () => {
  const trace = generate({ seed: 1, functions: 200, days: 7 });
  const gaps = (name: string): number[] => {
    const times = trace.get(name) ?? [];
    return times.slice(1).map((time, index) => time - (times[index] as number));
  };

  it('is the same for the same seed, and another for another', () => {
    expect(generate({ seed: 1, functions: 20, days: 1 })).toEqual(generate({ seed: 1, functions: 20, days: 1 }));
    expect(generate({ seed: 2, functions: 20, days: 1 })).not.toEqual(generate({ seed: 1, functions: 20, days: 1 }));
  });

  it('has ascending times within its days', () => {
    for (const [name, times] of trace) {
      expect(times[0]).toBeGreaterThanOrEqual(0);
      expect(times.at(-1)).toBeLessThan(7 * 86_400);
      expect(
        gaps(name).every((gap) => gap >= 0),
        name,
      ).toBe(true);
    }
  });

  it('is called as seldom as the paper says: 45 % once an hour or less, 81 % once a minute or less, each within 6 %', () => {
    const share = (seconds: number): number =>
      [...trace.values()].filter((times) => (7 * 86_400) / times.length >= seconds).length / trace.size;
    expect(Math.abs(share(3600) - 0.45)).toBeLessThan(0.06);
    expect(Math.abs(share(60) - 0.81)).toBeLessThan(0.06);
  });

  it('has timers whose gaps vary by no more than their jitter', () => {
    const timers = [...trace.keys()].filter((name) => name.startsWith('cron') && (trace.get(name)?.length ?? 0) > 20);
    expect(timers.length).toBeGreaterThan(10);
    for (const name of timers)
      expect(Math.max(...gaps(name).slice(0, 1000)) - Math.min(...gaps(name).slice(0, 1000)), name).toBeLessThan(20);
  });
});

describe('traces', () => {
  it('are read in any order, from any zero, with seconds or dates', async () => {
    const lines = ['time,function', '1700000010.5,b', '"2023-11-14T22:13:20Z","a"', '', '1700000003,a'];
    expect(await parseTrace(lines)).toEqual(
      new Map([
        ['b', [10.5]],
        ['a', [0, 3]],
      ]),
    );
  });

  it.each(['1700000000', 'yesterday,a', ',a'])('are refused with the line that is wrong: %j', async (line) => {
    await expect(parseTrace(['time,function', line])).rejects.toThrow(`line 2: "${line}" is not time,function`);
  });

  it('are read as they were written', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'trace-'));
    const trace = new Map([
      ['a', [0, 1.25, 90]],
      ['b', [4]],
    ]);
    await writeTrace(path.join(folder, 'trace.csv'), trace);
    expect(await readTrace(path.join(folder, 'trace.csv'))).toEqual(trace);
    expect(endOf(trace)).toBe(90);
    await rm(folder, { recursive: true });
  });
});
