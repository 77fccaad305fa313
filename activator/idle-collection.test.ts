import { expect, it } from 'vitest';
import { fullCollection, IdleCollection } from './idle-collection.ts';

it('collects once after work, when nothing has been open for five looks', () => {
  let open = 0;
  let finished = 0;
  let collected = 0;
  const collect = (): void => {
    collected += 1;
  };
  const collection = new IdleCollection({ open: () => open, finished: () => finished, collect });
  const look = (times: number): void => {
    for (let i = 0; i < times; i += 1) collection.look();
  };
  look(20);
  expect(collected).toBe(0);
  open = 1;
  look(20);
  expect(collected).toBe(0);
  open = 0;
  finished = 1;
  look(5);
  expect(collected).toBe(0);
  look(1);
  expect(collected).toBe(1);
  look(50);
  expect(collected).toBe(1);
  // A request between two looks is work, too.
  finished = 2;
  look(4);
  finished = 3;
  look(5);
  expect(collected).toBe(1);
  look(1);
  expect(collected).toBe(2);
});

it('reaches V8’s collector', () => {
  const collect = fullCollection();
  let garbage: object[] | undefined = Array.from({ length: 200_000 }, (_, i) => ({ i }));
  expect(garbage.length).toBe(200_000);
  const before = process.memoryUsage().heapUsed;
  garbage = undefined;
  collect();
  expect(process.memoryUsage().heapUsed).toBeLessThan(before - 2_000_000);
});
