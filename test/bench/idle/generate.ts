import { Random } from './random.ts';
import type { Trace } from './trace.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** The times of one function's calls, ascending, in seconds from 0 to `seconds`. */
type Shape = (random: Random, seconds: number) => number[];

/** By a clock, each call late by up to a few seconds: timers, and what others call by theirs. */
const cron: Shape = (random, seconds) => {
  const period = random.pick([MINUTE, 5 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, HOUR, 6 * HOUR, DAY]);
  const jitter = random.between(1, 10);
  const times: number[] = [];
  for (let at = random.between(0, period); at + jitter < seconds; at += period) times.push(at + random.between(0, jitter));
  return times;
};

/** A Poisson process whose rate follows the day, and is lower on two days of seven. */
const diurnal: Shape = (random, seconds) => {
  const rate = 1 / random.logBetween(5, 10 * MINUTE);
  const amplitude = random.between(0.5, 1);
  const peak = random.between(0, DAY);
  const weekend = random.between(0.2, 1);
  const highest = rate * (1 + amplitude);
  const times: number[] = [];
  for (let at = random.exponential(1 / highest); at < seconds; at += random.exponential(1 / highest)) {
    const day = Math.floor(at / DAY) % 7;
    const now = rate * (1 + amplitude * Math.cos((2 * Math.PI * (at - peak)) / DAY)) * (day >= 5 ? weekend : 1);
    // A process of the highest rate, of which a call stays with the probability that the present rate has of it.
    if (random.next() * highest < now) times.push(at);
  }
  return times;
};

/** Bursts of calls seconds apart, with long silences between them. */
const bursty: Shape = (random, seconds) => {
  const silence = random.logBetween(20 * MINUTE, 8 * HOUR);
  const gap = random.logBetween(2, 40);
  const length = random.between(5, 40);
  const times: number[] = [];
  for (let at = random.exponential(silence); at < seconds; at += random.exponential(silence)) {
    do {
      times.push(at);
      at += random.exponential(gap);
    } while (at < seconds && random.next() > 1 / length);
  }
  return times;
};

/** At any time, hours apart. */
const rare: Shape = (random, seconds) => {
  const gap = random.logBetween(HOUR, DAY);
  const times: number[] = [];
  for (let at = random.exponential(gap); at < seconds; at += random.exponential(gap)) times.push(at);
  return times;
};

const SHAPES = { cron, diurnal, bursty, rare };
export type ShapeName = keyof typeof SHAPES;

/**
 * As in the paper: 45 % of applications are called once an hour or less, 81 % once a minute or less; 16 % of functions are timers. (Here some more go by a clock.)
 */
export const MIX: Readonly<Record<ShapeName, number>> = { cron: 0.2, diurnal: 0.27, bursty: 0.18, rare: 0.35 };

export interface GenerateOptions {
  seed: number;
  functions: number;
  days: number;
  /** Of each shape so much of all functions. */
  mix?: Readonly<Partial<Record<ShapeName, number>>>;
}

/** A trace by chance, the same for the same options; a function's name begins with its shape. */
export function generate({ seed, functions, days, mix = MIX }: GenerateOptions): Trace {
  const random = new Random(seed);
  const trace = new Map<string, number[]>();
  for (const [name, share] of Object.entries(mix)) {
    for (let n = 0; n < Math.round(share * functions); n += 1) {
      const times = SHAPES[name as ShapeName](random, days * DAY);
      if (times.length > 0) trace.set(`${name}-${String(n).padStart(3, '0')}`, times);
    }
  }
  return trace;
}
