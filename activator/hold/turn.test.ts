import { expect, it } from 'vitest';
import { Turn, type Waiting } from './turn.ts';

/** Somebody with so many to let go; each that goes is written down. */
function flood(name: string, count: number, turn: Turn, log: string[]): Waiting {
  const who: Waiting = {
    pump: () => {
      while (count > 0 && turn.take(who)) {
        count -= 1;
        log.push(name);
      }
    },
  };
  return who;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('lets go no more than its limit in a turn, and everything in the end', async () => {
  const log: string[] = [];
  const turn = new Turn(8);
  flood('a', 30, turn, log).pump();
  const sizes = [log.length];
  for (let i = 0; i < 4; i += 1) {
    await nextTurn();
    sizes.push(log.length);
  }
  expect(sizes).toEqual([8, 16, 24, 30, 30]);
});

it('a few go in the next turns, not after all of a flood', async () => {
  const log: string[] = [];
  const turn = new Turn(8);
  flood('many', 1000, turn, log).pump();
  flood('few', 3, turn, log).pump();
  await nextTurn();
  expect(log.filter((name) => name === 'few').length).toBe(3);
  expect(log.length).toBe(15);
});

it('nobody is left out where there are more of them than a turn lets go', async () => {
  const log: string[] = [];
  const turn = new Turn(8);
  for (let i = 0; i < 20; i += 1) flood(`f${i}`, 1000, turn, log).pump();
  for (let i = 0; i < 10; i += 1) await nextTurn();
  const counts = Array.from({ length: 20 }, (_, i) => log.filter((name) => name === `f${i}`).length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
  expect(log.length).toBe(88);
});
