import { expect, it } from 'vitest';
import { ScrapeInterval } from './scrape-interval.ts';

/** Looks every `look` seconds at two targets that are scraped every `scrape` seconds, not at the same time. */
function found(scrape: number, look: number, times = 30): number {
  const interval = new ScrapeInterval();
  const last = (now: number, phase: number): number => Math.floor((now - phase) / scrape) * scrape + phase;
  for (let i = 0; i < times; i += 1) {
    const now = 1000 + i * look;
    interval.observe(
      new Map([
        ['a', last(now, 0)],
        ['b', last(now, scrape / 3)],
      ]),
    );
  }
  return interval.seconds;
}

it('finds the interval out, however the looks lie to it', () => {
  expect(new ScrapeInterval().seconds).toBe(2);
  expect(found(2, 2)).toBe(2);
  expect(found(15, 2)).toBe(15);
  expect(found(60, 2, 90)).toBe(60);
  // Looked at more seldom than it is scraped: no less than the looks can tell.
  expect(found(1, 2)).toBe(2);
});

it('a changed interval is found out again, and a target that is gone is forgotten', () => {
  const interval = new ScrapeInterval();
  for (let i = 0; i < 10; i += 1) interval.observe(new Map([['a', i * 2]]));
  expect(interval.seconds).toBe(2);
  for (let i = 0; i < 10; i += 1) interval.observe(new Map([['a', 100 + i * 10]]));
  expect(interval.seconds).toBe(10);
  interval.observe(new Map());
  interval.observe(new Map([['a', 1000]]));
  expect(interval.seconds).toBe(10);
});
