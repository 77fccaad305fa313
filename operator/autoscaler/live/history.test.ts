import { describe, expect, it } from 'vitest';
import { DemandHistory } from './history.ts';

/** The activator's clock is 5 s ahead. */
const AHEAD = 5000;
const add = (history: DemandHistory, now: number, held: number, running: number, seconds: number): void =>
  history.add({ at: now + AHEAD, now, held, running, seconds });

describe('DemandHistory', () => {
  it('is the mean of two seconds, whatever happened in them', () => {
    const history = new DemandHistory();
    add(history, 0, 0, 2, 10);
    add(history, 1000, 0, 6, 12);
    add(history, 2000, 0, 6, 18);
    expect(history.mean(2000)).toBeCloseTo(4);
    expect(history.mean(3000)).toBeCloseTo(6);
    expect(history.mean(2500)).toBeCloseTo(5);
  });

  it('of a function just heard of, only what was since', () => {
    const history = new DemandHistory();
    add(history, 0, 100, 0, 0);
    expect(history.mean(0)).toBe(0);
    expect(history.mean(1000)).toBeCloseTo(50);
  });

  it('falls to nothing within two seconds of the last request', () => {
    const history = new DemandHistory();
    add(history, 0, 0, 4, 0);
    add(history, 1000, 0, 0, 4);
    expect(history.mean(1000)).toBeCloseTo(2);
    expect(history.isOver(1500)).toBe(false);
    expect(history.mean(3100)).toBeCloseTo(0);
    expect(history.isOver(3100)).toBe(true);
  });

  it('keeps few points, however long it goes on', () => {
    const history = new DemandHistory();
    for (let i = 0; i < 10_000; i += 1) add(history, i * 100, 1, 1, i * 0.2);
    expect(history.mean(999_900)).toBeCloseTo(2);
  });
});
