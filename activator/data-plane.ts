import type { Server } from 'node:http';
import { AnnounceServer } from './announce/server.ts';
import type { Clock } from './clock.ts';
import type { Exchange, ExchangeContext } from './forward/exchange.ts';
import type { FunctionState } from './function-state.ts';
import { FunctionTable } from './function-table.ts';
import { ActivatorMetrics } from './metrics.ts';
import { requestServer } from './request-server.ts';
import type { RouteNames } from './routing/route.ts';
import { type ScaleFromZero, Waker } from './wake/waker.ts';

export interface DataPlaneOptions {
  clock: Clock;
  names: RouteNames;
  announceKey: string;
  holdMillis: number;
  holdRequests: number;
  /** This activator's name, and its peers' control ports. */
  self: string;
  peers: () => string[];
  scaleFromZero: ScaleFromZero;
  olderCode: (namespace: string, revision: string, digest: string) => Promise<Record<string, string> | undefined>;
  /** A function came to be known; tell the table its Deployments and pods. */
  onFunctionAdded: (fn: FunctionState) => void;
  onWakeError: (fn: FunctionState, error: unknown) => void;
}

/** How often deadlines are looked at and wakes that failed are tried again: a coarse clock instead of timers a request. */
const TICK_MILLIS = 100;

/** Everything that a request meets, put together: the table of functions, both servers, the waker and the metrics. */
export class DataPlane {
  readonly table: FunctionTable;
  readonly metrics: ActivatorMetrics;
  readonly requests: Server;
  readonly announcements: AnnounceServer;
  readonly #open = new Set<Exchange>();
  readonly #clock: Clock;
  readonly #waker: Waker;
  readonly #ticks: NodeJS.Timeout;
  #draining = false;

  constructor(options: DataPlaneOptions) {
    this.#clock = options.clock;
    this.#waker = new Waker(options.scaleFromZero, options.clock, (fn, error) => {
      this.metrics.wakeErrors.inc();
      options.onWakeError(fn, error);
    });
    this.table = new FunctionTable(options.clock, options.holdRequests, {
      added: options.onFunctionAdded,
      wakeNeeded: (fn) => this.#waker.ensure(fn),
      removed: (fn) => this.metrics.forget(fn),
    });
    this.metrics = new ActivatorMetrics(() => this.table.values());
    const context: ExchangeContext = { clock: options.clock, open: this.#open, holdMillis: options.holdMillis };
    this.requests = requestServer({
      table: this.table,
      names: options.names,
      metrics: this.metrics,
      context,
      isDraining: () => this.#draining,
    });
    this.announcements = new AnnounceServer({
      table: this.table,
      key: options.announceKey,
      welcome: () => ({ type: 'welcome', activator: options.self, peers: options.peers() }),
      olderCode: options.olderCode,
      events: { announced: (fn, _pod, message) => this.#announced(fn, message.uptimeMillis) },
    });
    this.#ticks = setInterval(() => this.#tick(), TICK_MILLIS);
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Requests held or running now. */
  get open(): number {
    return this.#open.size;
  }

  /** Readiness goes off elsewhere; from now on every answer closes its connection. */
  drain(): void {
    this.#draining = true;
  }

  close(): void {
    clearInterval(this.#ticks);
    this.announcements.close();
    this.requests.close();
    this.requests.closeIdleConnections();
  }

  #announced(fn: FunctionState, uptimeMillis: number): void {
    const cold = fn.coldStart;
    if (!cold || cold.announced !== undefined) return;
    const now = this.#clock();
    cold.process = now - uptimeMillis;
    cold.announced = now;
    this.metrics.of(fn).coldStart(now - cold.begun);
  }

  #tick(): void {
    const now = this.#clock();
    for (const exchange of this.#open) exchange.checkDeadline(now);
    for (const fn of this.table.values()) if (fn.queue.length > 0) fn.pump();
  }
}
