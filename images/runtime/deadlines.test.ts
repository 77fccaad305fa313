import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

describe('Deadlines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells of those that pass, each once and in time, and of none that is met', () => {
    const deadlines = new Deadlines();
    const passed: string[] = [];
    const set = (name: string, millis: number) => deadlines.set(millis, () => passed.push(`${name} at ${performance.now() - began}`));
    const began = performance.now();
    set('a', 100);
    const met = set('met', 50);
    set('sooner', 20);
    vi.advanceTimersByTime(30);
    expect(passed).toEqual(['sooner at 20']);
    deadlines.meet(met);
    set('b', 70);
    vi.advanceTimersByTime(1000);
    expect(passed).toEqual(['sooner at 20', 'a at 100', 'b at 100']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves its timer as it is while deadlines are met, and sets the next when it has rung', () => {
    const deadlines = new Deadlines();
    const ring = vi.spyOn(globalThis, 'setTimeout');
    for (let i = 0; i < 1000; i += 1) {
      const deadline = deadlines.set(30_000, () => expect.unreachable());
      vi.advanceTimersByTime(1);
      deadlines.meet(deadline);
    }
    expect(ring).toHaveBeenCalledTimes(1);
    let passed = 0;
    deadlines.set(30_000, () => {
      passed += 1;
    });
    vi.advanceTimersByTime(29_998);
    expect(passed).toBe(0);
    vi.advanceTimersByTime(2);
    expect([passed, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('one that passes may set another', () => {
    const deadlines = new Deadlines();
    const passed: number[] = [];
    deadlines.set(10, () => {
      passed.push(1);
      deadlines.set(10, () => passed.push(2));
    });
    deadlines.set(500, () => passed.push(3));
    vi.advanceTimersByTime(25);
    expect(passed).toEqual([1, 2]);
    vi.advanceTimersByTime(500);
    expect(passed).toEqual([1, 2, 3]);
  });
});
