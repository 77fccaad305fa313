import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../common/kube/clock.ts';
import { WorkQueue } from './queue.ts';

/** A clock that goes only when it is told to. */
class Hand implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; fn: () => void }>();
  now = () => this.#now;
  wall = () => new Date(this.#now);
  after = (millis: number, fn: () => void) => {
    const timer = { at: this.#now + millis, fn };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };
  go(millis: number): void {
    this.#now += millis;
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      this.#timers.delete(timer);
      timer.fn();
    }
  }
}

describe('WorkQueue', () => {
  it('backs a failing key off alone, doubling', async () => {
    const clock = new Hand();
    const queue = new WorkQueue({ clock, backoff: { minMillis: 10, maxMillis: 35 } });
    queue.add('bad');
    for (const wait of [10, 20, 35, 35]) {
      expect(await queue.take()).toBe('bad');
      queue.done('bad', true);
      clock.go(wait - 1);
      expect(queue.depth).toBe(0);
      queue.add('good');
      expect(await queue.take()).toBe('good');
      queue.done('good', false);
      clock.go(1);
      expect(queue.depth).toBe(1);
    }
  });

  it('ends its takers when it is closed, after what waited', async () => {
    const queue = new WorkQueue();
    queue.add('a');
    queue.close();
    expect(await queue.take()).toBe('a');
    expect(await queue.take()).toBeUndefined();
  });

  it('never gives a key to two workers, and loses none', async () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ op: fc.constant('take' as const) }),
      fc.record({ op: fc.constant('done' as const), failed: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new Hand();
        const queue = new WorkQueue({ clock });
        const working: string[] = [];
        const owed = new Set<string>();
        for (const one of steps) {
          if (one.op === 'add') {
            owed.add(one.key);
            queue.add(one.key);
          } else if (one.op === 'take' && queue.depth > 0) {
            const key = (await queue.take()) as string;
            expect(working).not.toContain(key);
            working.push(key);
            owed.delete(key);
          } else if (one.op === 'done' && working.length > 0) {
            const key = working.shift() as string;
            if (one.failed) owed.add(key);
            queue.done(key, one.failed);
          }
        }
        for (const key of working) queue.done(key, false);
        clock.go(120_000);
        const rest = new Set<string>();
        while (queue.depth > 0) {
          const key = (await queue.take()) as string;
          rest.add(key);
          queue.done(key, false);
        }
        for (const key of owed) expect(rest).toContain(key);
      }),
    );
  });
});
