import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PoolPodView, refill } from './refill.ts';

const pod = (name: string, state: PoolPodView['state'] = 'free', template = 'new', ready = true): PoolPodView => ({
  name,
  state,
  template,
  ready,
});

describe('refill', () => {
  it.each<[string, PoolPodView[], number, number, ReturnType<typeof refill>]>([
    ['makes what is missing', [pod('a')], 3, 5, { create: 2, remove: [], more: false }],
    ['no faster than it may', [], 5, 2, { create: 2, remove: [], more: true }],
    ['does not count claimed ones, and leaves them alone', [pod('a', 'claimed'), pod('b')], 1, 2, { create: 0, remove: [], more: false }],
    ['does not count those that end', [pod('a', 'deleting')], 1, 2, { create: 1, remove: [], more: false }],
    ['removes those that have ended', [pod('a', 'ended'), pod('b')], 1, 2, { create: 0, remove: ['a'], more: false }],
    ['replaces those of another template', [pod('a', 'free', 'old'), pod('b')], 2, 2, { create: 1, remove: ['a'], more: false }],
    ['leaves claimed ones of another template', [pod('a', 'claimed', 'old')], 0, 2, { create: 0, remove: [], more: false }],
    [
      'of too many, removes those that are not ready',
      [pod('a'), pod('b', 'free', 'new', false)],
      1,
      2,
      { create: 0, remove: ['b'], more: false },
    ],
    ['goes to nothing', [pod('a'), pod('b')], 0, 2, { create: 0, remove: ['a', 'b'], more: false }],
  ])('%s', (_, pods, size, allowed, plan) => {
    expect(refill(pods, size, 'new', allowed)).toEqual(plan);
  });

  it('ends at the size, and never touches a claimed pod', () => {
    const anyPod = fc.record({
      state: fc.constantFrom<PoolPodView['state']>('free', 'claimed', 'ended', 'deleting'),
      template: fc.constantFrom('new', 'old'),
      ready: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(anyPod, { maxLength: 12 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 1, max: 3 }),
        (seeds, size, allowed) => {
          let pods: PoolPodView[] = seeds.map((seed, i) => ({ ...seed, name: `p${i}` }));
          const claimed = pods.filter(({ state }) => state === 'claimed');
          for (let round = 0; round < 20; round += 1) {
            const { create, remove } = refill(pods, size, 'new', allowed);
            expect(create).toBeLessThanOrEqual(allowed);
            pods = pods.filter(({ name, state }) => !remove.includes(name) && state !== 'deleting');
            for (let i = 0; i < create; i += 1) pods.push(pod(`n${round}-${i}`));
          }
          expect(pods.filter(({ state }) => state === 'free')).toHaveLength(size);
          for (const one of claimed) expect(pods).toContain(one);
        },
      ),
    );
  });
});
