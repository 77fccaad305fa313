import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dividedBy, inFlight, latency } from './demand.ts';
import { quantile } from './quantile.ts';

const done = (begun: number, millis: number) => ({ begun, millis, status: 200 });

describe('quantile', () => {
  it.each([
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2],
    [[1], 0.99, 1],
    [Array.from({ length: 200 }, (_, i) => i + 1), 0.99, 198],
    [[5, 7], 0, 5],
    [[5, 7], 1, 7],
  ])('of %j at %d is %d', (samples, q, value) => expect(quantile(samples, q)).toBe(value));

  it('of nothing is no number', () => expect(quantile([], 0.5)).toBeNaN());
});

describe('inFlight', () => {
  it('is the time-weighted mean of each bucket', () => {
    expect(inFlight([done(0, 500), done(0, 1000), done(0, 1000)], 0, 2000, 1000)).toEqual([
      [0.5, 2.5],
      [1.5, 0],
    ]);
  });

  it('loses no time that lies within the window', () => {
    const request = fc.record({ begun: fc.integer({ min: 0, max: 9000 }), millis: fc.integer({ min: 0, max: 1000 }) });
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        const points = inFlight(
          requests.map(({ begun, millis }) => done(begun, millis)),
          0,
          10_000,
        );
        const spent = requests.reduce((sum, { millis }) => sum + millis, 0);
        expect(points.reduce((sum, [, mean]) => sum + mean * 250, 0)).toBeCloseTo(spent, 3);
      }),
    );
  });
});

describe('latency', () => {
  it('is by the second of the answer; a second without one has no point', () => {
    expect(latency([done(0, 100), done(100, 300), done(1950, 100)], 0.5, 0, 5000)).toEqual([
      [0.5, 100],
      [2.5, 100],
    ]);
  });
});

it('dividedBy gives demand in pods', () => {
  expect(dividedBy([[1, 10]], 5)).toEqual([[1, 2]]);
});
