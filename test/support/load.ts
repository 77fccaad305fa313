import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { lullUrl } from './http.ts';
import type { Order, Report } from './load-process.ts';
import { until } from './wait.ts';

/** A request that ended. */
export interface Done {
  /** Wall-clock milliseconds of when it was sent; of when it was due, for arrivals at random. */
  begun: number;
  millis: number;
  /** 0: no answer. */
  status: number;
  /** What went wrong, if so: the activator's error code, or the client's error. */
  problem?: string;
}

const running = new Set<ChildProcess>();
process.on('exit', killAll);

/** Ends all load of this process at once, that of a test that failed in the middle too. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Requests to functions from a process of its own, whose event loop disturbs no measurement here; bounded by what its owner asks for. */
export class Load {
  readonly done: Done[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  /** Clients take the functions in turn: the first client the first function, and so on. */
  constructor(namespace: string, functions: readonly string[], target = '/') {
    const url = lullUrl();
    const hosts = functions.map((name) => `${name}.${namespace}.lull.localhost`);
    const options = JSON.stringify({ address: url.hostname, port: Number(url.port || 80), hosts, path: target });
    this.#child = fork(path.join(import.meta.dirname, 'load-process.ts'), [options], { serialization: 'advanced' });
    running.add(this.#child);
    this.#child.on('message', (report: Report) => {
      for (const [begun, millis, status, problem] of report) this.done.push({ begun, millis, status, ...(problem && { problem }) });
    });
    this.#ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    void this.#ended.then(() => running.delete(this.#child));
  }

  /** This many clients, each of which sends its next request when the last is answered. Those too many go when they have their answer. */
  clients(count: number): void {
    this.#order({ clients: count });
  }

  /** Arrivals at random (Poisson), `rate` a second in the mean, whatever becomes of them. */
  poisson(rate: number): void {
    this.#order({ poisson: rate });
  }

  /** This many at once, each on a connection of its own. */
  burst(count: number): void {
    this.#order({ burst: count });
  }

  /** Sends nothing more; resolves when all are answered. */
  async stop(timeoutMillis = 130_000): Promise<void> {
    this.#order({ end: true });
    let over = false;
    void this.#ended.then(() => {
      over = true;
    });
    await until('the load to end', async () => over, timeoutMillis);
  }

  get failures(): Done[] {
    return this.done.filter(({ status }) => status !== 200);
  }

  /** When the last answer was there. */
  get lastAnswer(): number {
    return Math.max(...this.done.map(({ begun, millis }) => begun + millis));
  }

  #order(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }
}
