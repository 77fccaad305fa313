import { describe, expect, it } from 'vitest';
import { History } from './history.ts';

function of(...moments: [number, number][]): History {
  const history = new History();
  for (const [at, value] of moments) history.set(at, value);
  return history;
}

describe('History', () => {
  const pods = of([0, 1], [50, 3], [60, 3], [100, 0]);

  it.each([
    [-1, 0],
    [0, 1],
    [49, 1],
    [50, 3],
    [99, 3],
    [1000, 0],
  ])('at %i it was %i', (time, value) => expect(pods.at(time)).toBe(value));

  it('the same value again is no change', () => {
    expect(pods.changes(0)).toEqual([
      { at: 50, value: 3 },
      { at: 100, value: 0 },
    ]);
  });

  it('tells when something first held', () => {
    const three = (value: number): boolean => value >= 3;
    expect(pods.first(10, three)).toBe(50);
    expect(pods.first(70, three)).toBe(70);
    expect(pods.first(100, three)).toBeUndefined();
  });

  it('tells its range, the value at the beginning included', () => {
    expect(pods.range(55, 90)).toEqual({ min: 3, max: 3 });
    expect(pods.range(10, 200)).toEqual({ min: 0, max: 3 });
  });

  it('gives points from end to end', () => {
    expect(pods.points(25, 75)).toEqual([
      [0, 1],
      [0.025, 3],
      [0.05, 3],
    ]);
  });
});
