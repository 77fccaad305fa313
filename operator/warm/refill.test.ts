import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FreePod, NEW_REFILL, type RefillState, refill } from './refill.ts';

const pod = (name: string, over: Partial<FreePod> = {}): FreePod => ({ name, current: true, ready: true, ...over });

describe('refill', () => {
  it.each<[string, FreePod[], number, number, string[]]>([
    ['an empty pool: a burst, and no more at once', [], 3, 2, []],
    ['full', [pod('a'), pod('b')], 2, 0, []],
    ['too many: those that are not ready go first', [pod('a'), pod('b', { ready: false })], 1, 0, ['b']],
    ['another template: one new one besides', [pod('a', { current: false }), pod('b', { current: false })], 2, 1, []],
    ['another template: the old one goes when the new one is ready', [pod('a', { current: false }), pod('b')], 1, 0, ['a']],
    ['another template: one that never got ready is of no use', [pod('a', { current: false, ready: false })], 1, 1, ['a']],
    ['ended by itself: deleted and replaced', [pod('a', { ended: 'well' })], 1, 1, ['a']],
    ['ended at once: deleted, and the next one waits', [pod('a', { ended: 'at once' })], 1, 0, ['a']],
    ['size 0', [pod('a'), pod('b', { current: false })], 0, 0, ['a', 'b']],
  ])('%s', (_name, pods, size, create, remove) => {
    const plan = refill(pods, size, NEW_REFILL, 1000);
    expect([plan.create, [...plan.remove].sort()]).toEqual([create, remove]);
  });

  it('waits longer after each pod that ends at once, and no longer when one is ready', () => {
    let state: RefillState = NEW_REFILL;
    const waits = [0, 1, 2].map(() => {
      const plan = refill([pod('a', { ended: 'at once', ready: false })], 1, state, 0);
      state = plan.state;
      return plan.again;
    });
    expect(waits).toEqual([1000, 2000, 4000]);
    expect(refill([pod('a')], 2, state, 0).create).toBe(1);
  });

  it('comes to its size from any state, never above one more, at 2 a second', () => {
    const states = fc.array(fc.record({ current: fc.boolean(), ready: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(states, fc.integer({ min: 0, max: 8 }), (start, size) => {
        let pods = start.map((one, i) => pod(`p${i}`, one));
        let state: RefillState = NEW_REFILL;
        let names = 0;
        const most = Math.max(pods.length, size + 1);
        for (let now = 0; now < 30_000; now += 500) {
          const plan = refill(pods, size, state, now);
          state = plan.state;
          expect(plan.create).toBeLessThanOrEqual(2);
          pods = pods.filter(({ name }) => !plan.remove.includes(name)).map((one) => (one.current ? { ...one, ready: true } : one));
          for (let i = 0; i < plan.create; i += 1) pods.push(pod(`new${names++}`, { ready: false }));
          expect(pods.length).toBeLessThanOrEqual(most);
        }
        expect(pods.length).toBe(size);
        expect(pods.every(({ current, ready }) => current && ready)).toBe(true);
      }),
    );
  });
});
