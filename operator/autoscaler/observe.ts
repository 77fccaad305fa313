import { Agent, request } from 'undici';
import type { Observation } from './decide.ts';

/** All functions at one moment, by NAMESPACE/NAME; or why there is no such thing. */
export type Observed = { functions: ReadonlyMap<string, Observation> } | { missing: string };

export interface PrometheusOptions {
  /** Base URL of a server that speaks Prometheus' HTTP API. */
  url: string;
  /** Asked for each query; a token mounted as a file rotates. */
  bearerToken?: () => string | undefined;
  timeoutMillis?: number;
}

/** Windows, in seconds, over which a function's demand is averaged. */
export interface Windows {
  stable: number;
  panic: number;
}

const COUNTER = 'lull_activator_function_demand_seconds_total';
const GAUGE = 'lull_activator_function_demand';
const BY = 'sum by (namespace, function)';

/**
 * The one query for all functions together: each signal is a vector of its own, told apart by the label `signal`. The counter is the integral of demand,
 * so its rate over a window is the exact time-weighted mean; several activators are summed. `up` tells whether all of them answered.
 */
export function query(windows: readonly number[]): string {
  const label = (expression: string, signal: string): string => `label_replace(${expression}, "signal", "${signal}", "", "")`;
  return [
    ...windows.map((seconds) => label(`${BY} (rate(${COUNTER}[${seconds}s]))`, `mean${seconds}`)),
    label(`${BY} (${GAUGE})`, 'now'),
    label(`min by (namespace, function) (timestamp(${GAUGE}))`, 'time'),
    label('min(up{job="lull-activator"})', 'up'),
    label('vector(time())', 'clock'),
  ].join(' or ');
}

interface Sample {
  metric: { namespace?: string; function?: string; signal?: string };
  value: [number, string];
}

/** Reads demand from Prometheus. Whatever goes wrong there is an observation that is missing, with the reason, and never an exception. */
export class PrometheusObserver {
  readonly #options: PrometheusOptions;
  readonly #agent: Agent;

  constructor(options: PrometheusOptions) {
    this.#options = options;
    this.#agent = new Agent({ connections: 2, connect: { timeout: 2000 } });
  }

  async observe(windowsOf: ReadonlyMap<string, Windows>): Promise<Observed> {
    const windows = [...new Set([...windowsOf.values()].flatMap(({ stable, panic }) => [stable, panic]))].sort((a, b) => a - b);
    try {
      const samples = await this.#query(query(windows));
      return { functions: assemble(samples, windowsOf) };
    } catch (error) {
      return { missing: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #query(expression: string): Promise<Sample[]> {
    const token = this.#options.bearerToken?.();
    const timeout = this.#options.timeoutMillis ?? 2000;
    const { statusCode, body } = await request(`${this.#options.url.replace(/\/$/, '')}/api/v1/query`, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: new URLSearchParams({ query: expression }).toString(),
      signal: AbortSignal.timeout(timeout),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`Prometheus answered ${statusCode}: ${text.slice(0, 300)}`);
    const answer = JSON.parse(text) as { status?: string; data?: { resultType?: string; result?: unknown } };
    if (answer.status !== 'success' || answer.data?.resultType !== 'vector' || !Array.isArray(answer.data.result))
      throw new Error('Prometheus answered something that is not a vector');
    return answer.data.result as Sample[];
  }
}

/** Samples by function and signal; a function without a sample of its own is not in the result. */
function assemble(samples: readonly Sample[], windowsOf: ReadonlyMap<string, Windows>): Map<string, Observation> {
  const signals = new Map<string, Map<string, number>>();
  let up = 0;
  let clock = Number.NaN;
  for (const { metric, value } of samples) {
    const number = Number(value?.[1]);
    if (!Number.isFinite(number) || metric?.signal === undefined) continue;
    if (metric.signal === 'up') up = number;
    else if (metric.signal === 'clock') clock = number;
    else {
      const key = `${metric.namespace}/${metric.function}`;
      signals.set(key, (signals.get(key) ?? new Map<string, number>()).set(metric.signal, number));
    }
  }
  const result = new Map<string, Observation>();
  for (const [key, windows] of windowsOf) {
    const of = signals.get(key);
    const now = of?.get('now');
    const time = of?.get('time');
    if (now === undefined || time === undefined || Number.isNaN(clock)) continue;
    // A counter seen once has no rate yet: the gauge stands in for it.
    const mean = (seconds: number): number => of?.get(`mean${seconds}`) ?? now;
    result.set(key, {
      stable: mean(windows.stable),
      panic: mean(windows.panic),
      now,
      ageMillis: Math.max(0, (clock - time) * 1000),
      complete: up === 1,
    });
  }
  return result;
}
