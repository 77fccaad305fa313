/** By class of status, and 499 for clients that left, as the activator counts its own. */
const CODES = ['2xx', '3xx', '4xx', '5xx', '499'] as const;

/** What has to be known of requests that come past the activators, which count all others: the autoscaler adds the two up. */
export class DirectMetrics {
  overflow = 0;
  readonly #clock: () => number;
  readonly #labels: string;
  readonly #requests = new Map<string, number>(CODES.map((code) => [code, 0]));
  #demand = 0;
  #integral = 0;
  #since: number;

  constructor(namespace: string, fn: string, clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#labels = `namespace="${namespace}",function="${fn}"`;
    this.#since = clock();
  }

  /** Direct requests that run in this pod now. */
  get demand(): number {
    return this.#demand;
  }

  begun(): void {
    this.#settle();
    this.#demand += 1;
  }

  ended(status: number): void {
    this.#settle();
    this.#demand -= 1;
    const code = status === 499 ? '499' : `${Math.floor(status / 100)}xx`;
    this.#requests.set(code, (this.#requests.get(code) ?? 0) + 1);
  }

  /** Lines of Prometheus' text format. */
  render(): string[] {
    this.#settle();
    const labels = this.#labels;
    const family = (name: string, type: string, help: string): string[] => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
    return [
      ...family('lull_bridge_direct_demand_seconds_total', 'counter', 'Integral over time of direct requests that run in this pod.'),
      `lull_bridge_direct_demand_seconds_total{${labels}} ${this.#integral / 1000}`,
      ...family('lull_bridge_direct_demand', 'gauge', 'Direct requests that run in this pod now.'),
      `lull_bridge_direct_demand{${labels}} ${this.#demand}`,
      ...family('lull_bridge_direct_requests_total', 'counter', 'Direct requests answered by this pod, by class of status.'),
      ...[...this.#requests].map(([code, count]) => `lull_bridge_direct_requests_total{${labels},code="${code}"} ${count}`),
      ...family('lull_bridge_direct_overflow_total', 'counter', 'Direct requests handed on to the activators, which count them.'),
      `lull_bridge_direct_overflow_total{${labels}} ${this.overflow}`,
    ];
  }

  /** Example: 3 requests for 2 s → + 6 request-seconds. */
  #settle(): void {
    const now = this.#clock();
    this.#integral += this.#demand * (now - this.#since);
    this.#since = now;
  }
}
