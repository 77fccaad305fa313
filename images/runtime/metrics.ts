import { readFileSync } from 'node:fs';
import type { DirectMetrics } from './direct-metrics.ts';

/** Seconds. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export type RestartReason = 'exit' | 'killed' | 'timeout' | 'init';

/**
 * Plain counters, written out as Prometheus text only when scraped: a handful of series need no client library, whose import costs more memory than all of
 * them (prom-client's histograms can also not be fed from counters that somebody else keeps).
 */
export class Metrics {
  readonly requests = new Map<number, number>();
  readonly restarts = new Map<RestartReason, number>();
  running = 0;
  /** Of requests that came past the activators, where they may. */
  direct: DirectMetrics | undefined;
  /** Seconds from the start of a handler process to its first call for work; the last one's. */
  initSeconds = 0;
  readonly #buckets = new Float64Array(BUCKETS.length + 1);
  #sum = 0;

  request(status: number, seconds: number): void {
    this.requests.set(status, (this.requests.get(status) ?? 0) + 1);
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] as number)) bucket++;
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#sum += seconds;
  }

  restart(reason: RestartReason): void {
    this.restarts.set(reason, (this.restarts.get(reason) ?? 0) + 1);
  }

  render(): string {
    const out: string[] = [];
    const family = (name: string, type: string, help: string): void => {
      out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    };
    family('lull_bridge_requests_total', 'counter', 'Requests answered, by HTTP status.');
    for (const [code, count] of this.requests) out.push(`lull_bridge_requests_total{code="${code}"} ${count}`);
    family('lull_bridge_running', 'gauge', 'Requests being handled now.');
    out.push(`lull_bridge_running ${this.running}`);
    family('lull_bridge_request_duration_seconds', 'histogram', 'Time from a request to its answer.');
    let total = 0;
    this.#buckets.forEach((count, i) => {
      total += count;
      out.push(`lull_bridge_request_duration_seconds_bucket{le="${BUCKETS[i] ?? '+Inf'}"} ${total}`);
    });
    out.push(`lull_bridge_request_duration_seconds_sum ${this.#sum}`, `lull_bridge_request_duration_seconds_count ${total}`);
    family('lull_bridge_handler_restarts_total', 'counter', 'Handler processes that ended and were replaced, by reason.');
    for (const [reason, count] of this.restarts) out.push(`lull_bridge_handler_restarts_total{reason="${reason}"} ${count}`);
    family('lull_bridge_init_duration_seconds', 'gauge', 'Time that the last handler process took to load.');
    out.push(`lull_bridge_init_duration_seconds ${this.initSeconds}`);
    if (this.direct) out.push(...this.direct.render());
    const memory = readMemory();
    family('process_resident_memory_bytes', 'gauge', 'Resident memory of the bridge, without its handlers.');
    out.push(`process_resident_memory_bytes ${memory.rss}`);
    family('lull_bridge_anonymous_memory_bytes', 'gauge', 'RssAnon of the bridge: its own memory, without the shared text of its binary.');
    out.push(`lull_bridge_anonymous_memory_bytes ${memory.anonymous}`, '');
    return out.join('\n');
  }
}

function readMemory(): { rss: number; anonymous: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { rss: bytes('VmRSS'), anonymous: bytes('RssAnon') };
}
