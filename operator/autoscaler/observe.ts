import type { EffectiveSpec } from '../../common/api/defaults.ts';
import type { Observation, Reading } from './observation.ts';
import { askQueries, renderQuery } from './own-queries.ts';
import type { PrometheusClient } from './prometheus-client.ts';
import { ScrapeInterval } from './scrape-interval.ts';
import { isCovered, readSignals, type Signals, signalsQuery, sortSignals } from './signals.ts';
import { staleMillis, type Windows, windowsInForce } from './windows.ts';

/** A function as it is to be observed. */
export interface Target {
  namespace: string;
  name: string;
  spec: EffectiveSpec;
}

/** What is known of one function, or why nothing is. */
export type FunctionObserved = { observation: Observation; windows: Windows } | { refused: string } | { missing: string };

/** All functions at one moment, by NAMESPACE/NAME; `missing` says why nothing was seen at all. */
export interface Observed {
  functions: ReadonlyMap<string, FunctionObserved>;
  missing?: string;
  scrapeSeconds: number;
}

/** Observes all functions by Prometheus. Whatever goes wrong there is an observation that is missing, with the reason, and never an exception. */
export class PrometheusObserver {
  readonly #client: PrometheusClient;
  readonly #interval = new ScrapeInterval();

  constructor(client: PrometheusClient) {
    this.#client = client;
  }

  async observe(targets: ReadonlyMap<string, Target>): Promise<Observed> {
    const scrapeSeconds = this.#interval.seconds;
    const windowsOf = new Map([...targets].map(([key, { spec }]) => [key, windowsInForce(spec, scrapeSeconds)]));
    const own = [...targets.values()].flatMap(ownQueries);
    try {
      const [samples, answers] = await Promise.all([
        this.#client.query(signalsQuery(wanted(targets, windowsOf))),
        askQueries(this.#client, own),
      ]);
      const signals = sortSignals(samples);
      this.#interval.observe(signals.scraped);
      const functions = new Map<string, FunctionObserved>();
      for (const [key, target] of targets) {
        const windows = windowsOf.get(key) as Windows | { refused: string };
        functions.set(key, 'refused' in windows ? windows : this.#one(key, target, windows, signals, answers, scrapeSeconds));
      }
      return { functions, scrapeSeconds };
    } catch (error) {
      return { functions: new Map(), missing: error instanceof Error ? error.message : String(error), scrapeSeconds };
    }
  }

  #one(
    key: string,
    target: Target,
    windows: Windows,
    signals: Signals,
    answers: Awaited<ReturnType<typeof askQueries>>,
    scrapeSeconds: number,
  ): FunctionObserved {
    const seen = readSignals(signals, key, windows);
    if (!seen) return { missing: 'Prometheus has no sample of the function: it is new, or the activators are not scraped' };
    const metrics = target.spec.metrics.map((metric): Reading | { error: string } => {
      if (metric.type !== 'prometheus') return metric.type === 'rps' ? seen.rps : seen.demand;
      const answer = answers.get(renderQuery(metric.query, target.namespace, target.name));
      if (!answer || 'error' in answer) return answer ?? { error: 'not asked' };
      return { stable: answer.value, panic: answer.value, now: answer.value };
    });
    const { ageMillis, complete, activators, demand } = seen;
    const covered = isCovered(signals, windows.stable, scrapeSeconds);
    return { observation: { demand, metrics, ageMillis, staleMillis: staleMillis(scrapeSeconds), complete, activators, covered }, windows };
  }
}

function ownQueries({ namespace, name, spec }: Target): string[] {
  return spec.metrics.flatMap(({ type, query }) => (type === 'prometheus' ? [renderQuery(query, namespace, name)] : []));
}

function wanted(targets: ReadonlyMap<string, Target>, windowsOf: ReadonlyMap<string, Windows | { refused: string }>) {
  const windows = new Set<number>();
  for (const one of windowsOf.values()) if (!('refused' in one)) windows.add(one.stable).add(one.panic);
  const specs = [...targets.values()].map(({ spec }) => spec);
  return {
    windows: [...windows].sort((a, b) => a - b),
    rps: specs.some(({ metrics }) => metrics.some(({ type }) => type === 'rps')),
    direct: specs.some(({ directAccess }) => directAccess),
  };
}
