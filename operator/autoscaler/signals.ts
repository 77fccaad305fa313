import type { Reading } from './observation.ts';
import type { Sample } from './prometheus-client.ts';
import type { Windows } from './windows.ts';

/** What is counted where: requests that come by an activator in the activators, those that reach a pod directly (docs/adr/0009) in its bridge. */
const DEMAND_SECONDS = 'lull_activator_function_demand_seconds_total|lull_bridge_direct_demand_seconds_total';
const DEMAND = 'lull_activator_function_demand|lull_bridge_direct_demand';
const REQUESTS = 'lull_activator_function_requests_total|lull_bridge_direct_requests_total';
const BY = 'sum by (namespace, function)';

/** What is asked for all functions together. */
export interface Wanted {
  /** Every window that a function averages over, in seconds, each once. */
  windows: readonly number[];
  /** Some function follows requests a second; some function's pods are reached directly. */
  rps: boolean;
  direct: boolean;
}

/**
 * The one query for all functions together: each signal is a vector of its own, told apart by the label `signal`. The counter is the integral of demand, so its rate
 * over a window is the exact time-weighted mean; activators and bridges are summed. `up` tells whether all of them answered, `scraped` when each was asked last.
 */
export function signalsQuery({ windows, rps, direct }: Wanted): string {
  const label = (expression: string, signal: string): string => `label_replace(${expression}, "signal", "${signal}", "", "")`;
  const rate = (names: string, seconds: number): string => `${BY} (rate({__name__=~"${names}"}[${seconds}s]))`;
  return [
    ...windows.map((seconds) => label(rate(DEMAND_SECONDS, seconds), `mean${seconds}`)),
    ...(rps ? windows.map((seconds) => label(rate(REQUESTS, seconds), `rps${seconds}`)) : []),
    label(`${BY} ({__name__=~"${DEMAND}"})`, 'now'),
    label('min by (namespace, function) (timestamp(lull_activator_function_demand))', 'time'),
    ...(direct ? [label('min by (namespace, function) (up{job="lull-function"})', 'bridges')] : []),
    // How much of each window there are samples of, by those activators that are scraped longest.
    ...windows.map((seconds) => label(`max(count_over_time(up{job="lull-activator"}[${seconds}s]))`, `count${seconds}`)),
    label('min(up{job="lull-activator"})', 'up'),
    label('timestamp(up{job="lull-activator"})', 'scraped'),
    label('vector(time())', 'clock'),
  ].join(' or ');
}

/** All signals, sorted out. */
export interface Signals {
  /** By NAMESPACE/NAME, then by signal. */
  functions: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Scrapes within each window, by its seconds. */
  counts: ReadonlyMap<number, number>;
  /** Newest scrape of each activator, in seconds. */
  scraped: ReadonlyMap<string, number>;
  /** All activators answered their last scrape. */
  complete: boolean;
  /** The server's time, in seconds. */
  clock: number;
}

/** Sorts samples out; those that are no numbers, or negative where nothing is, are as good as missing. */
export function sortSignals(samples: readonly Sample[]): Signals {
  const functions = new Map<string, Map<string, number>>();
  const scraped = new Map<string, number>();
  const counts = new Map<number, number>();
  let complete = false;
  let clock = Number.NaN;
  for (const { metric, value } of samples) {
    const signal = metric['signal'];
    if (signal === undefined || !Number.isFinite(value) || value < 0) continue;
    if (signal === 'up') complete = value === 1;
    else if (signal === 'clock') clock = value;
    else if (signal.startsWith('count')) counts.set(Number(signal.slice('count'.length)), value);
    else if (signal === 'scraped') scraped.set(metric['instance'] ?? '', value);
    else {
      const key = `${metric['namespace']}/${metric['function']}`;
      const of = functions.get(key);
      if (of) of.set(signal, value);
      else functions.set(key, new Map([[signal, value]]));
    }
  }
  if (Number.isNaN(clock)) throw new Error('Prometheus does not tell its time: something else answers in its place');
  return { functions, counts, scraped, complete, clock };
}

/** One function's signals. */
export interface FunctionSignals {
  demand: Reading;
  rps: Reading;
  ageMillis: number;
  complete: boolean;
  activators: boolean;
}

/** What one function's signals say over its windows; undefined without a sample of its own. */
export function readSignals({ functions, complete, clock }: Signals, key: string, { stable, panic }: Windows): FunctionSignals | undefined {
  const of = functions.get(key);
  const now = of?.get('now');
  const time = of?.get('time');
  if (of === undefined || now === undefined || time === undefined) return undefined;
  // A counter seen once has no rate yet: the gauge stands in for it.
  const mean = (seconds: number): number => of.get(`mean${seconds}`) ?? now;
  const rate = (seconds: number): number => of.get(`rps${seconds}`) ?? 0;
  return {
    demand: { stable: mean(stable), panic: mean(panic), now },
    rps: { stable: rate(stable), panic: rate(panic), now: rate(panic) },
    ageMillis: Math.max(0, (clock - time) * 1000),
    complete: complete && (of.get('bridges') ?? 1) === 1,
    activators: complete,
  };
}

/** A window of which this part was scraped is good enough to lower by: at its ends, and here and there, a scrape is missed. */
const COVERED = 0.75;

/** Whether there are samples of a whole window. Example: 60 s, scrapes every 2 s: 23 of 30 are enough. */
export function isCovered({ counts }: Signals, seconds: number, scrapeSeconds: number): boolean {
  return (counts.get(seconds) ?? 0) * scrapeSeconds >= seconds * COVERED;
}
