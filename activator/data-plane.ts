import type { Authentication } from '../common/lambda-api/authentication.ts';
import { trustedProxies } from '../common/trusted-proxies.ts';
import { AnnounceServer } from './announce/server.ts';
import type { Clock } from './clock.ts';
import type { ExchangeContext } from './forward/context.ts';
import type { Exchange } from './forward/exchange.ts';
import type { FunctionContext, FunctionState } from './function-state.ts';
import { FunctionTable } from './function-table.ts';
import { ByteBudget } from './hold/byte-budget.ts';
import { Holds } from './hold/holds.ts';
import { Turn } from './hold/turn.ts';
import { LambdaApi } from './lambda-api/lambda-api.ts';
import { Manager } from './lambda-api/manager.ts';
import { DemandFeed } from './live/demand-feed.ts';
import { ActivatorMetrics } from './metrics/activator-metrics.ts';
import { Peers } from './peers/peers.ts';
import { type ListenerLimits, RequestListener } from './request-listener.ts';
import type { RouteNames } from './routing/route.ts';
import { Slots } from './slots/slots.ts';
import type { Tracing } from './tracing.ts';
import { type ScaleFromZero, Waker } from './wake/waker.ts';
import { Claimer } from './warm/claimer.ts';

/** How much may wait, and for how long. */
export interface HoldLimits {
  millis: number;
  /** Requests for one function, and for all together. */
  requests: number;
  totalRequests: number;
  /** Bytes of bodies kept in memory, of one function's requests and of all; above it clients are read no further. */
  bytes: number;
  totalBytes: number;
}

export interface DataPlaneOptions {
  clock: Clock;
  names: RouteNames;
  announceKey: string;
  hold: HoldLimits;
  limits: ListenerLimits;
  /** Networks (CIDR) whose X-Forwarded-* are believed. */
  trustedProxies: readonly string[];
  /** This activator's name, the address of its control port, and its peers'. */
  self: string;
  address: string;
  peers: () => string[];
  scaleFromZero: ScaleFromZero;
  /** How many functions may start at once, all activators' together. */
  startsAtOnce: () => number;
  olderCode: (namespace: string, revision: string, digest: string) => Promise<Record<string, string> | undefined>;
  /** Whether all functions are known that there are. */
  synced: () => boolean;
  /** A function came to be known; tell the table its Deployments and pods. */
  onFunctionAdded: (fn: FunctionState) => void;
  onWakeError: (fn: FunctionState, error: unknown) => void;
  /** Lambda's API: undefined when it is not served; `authentication` is undefined when anybody may call it, `manager` when functions are not made by it. */
  lambdaApi?: { authentication: Authentication | undefined; manager?: { host: string; port: number } | undefined } | undefined;
  /** Undefined when requests are not traced. */
  tracing?: Tracing | undefined;
  /** Each request that has ended, for the access log; undefined when there is none. */
  onFinished?: ((exchange: Exchange) => void) | undefined;
}

/** How often deadlines are looked at and wakes that failed are tried again: a coarse clock instead of timers a request. */
const TICK_MILLIS = 100;
/** Held requests given to pods in one turn of the event loop: each costs some 50 µs. */
const GIVEN_A_TURN = 8;
/** Every so many ticks connections are looked at. */
const SWEEP_TICKS = 10;

/** Everything that a request meets, put together: the table of functions, both servers, the waker and the metrics. */
export class DataPlane {
  readonly table: FunctionTable;
  readonly metrics: ActivatorMetrics;
  readonly requests: RequestListener;
  readonly announcements: AnnounceServer;
  readonly peers: Peers;
  readonly slots: Slots;
  readonly warm: Claimer;
  readonly #lambdaApi: LambdaApi | undefined;
  readonly #manager: Manager | undefined;
  readonly #demand: DemandFeed;
  readonly #open = new Set<Exchange>();
  readonly #clock: Clock;
  readonly #waker: Waker;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;

  constructor(options: DataPlaneOptions) {
    const { clock, hold } = options;
    this.#clock = clock;
    this.#waker = new Waker({
      scale: options.scaleFromZero,
      clock,
      turns: () => Math.max(1, Math.ceil(options.startsAtOnce() / this.slots.activators)),
      failed: (fn, error) => {
        this.metrics.wakeErrors.inc();
        options.onWakeError(fn, error);
      },
    });
    this.peers = new Peers({
      self: options.self,
      address: options.address,
      key: options.announceKey,
      changed: () => this.slots.membersChanged(),
      received: (from, message) => this.slots.received(from, message),
    });
    this.slots = new Slots(options.self, this.peers, () => this.table, clock);
    const functions: FunctionContext = {
      clock,
      holdRequests: hold.requests,
      holdBytes: hold.bytes,
      holds: new Holds(hold.totalRequests),
      turn: new Turn(GIVEN_A_TURN),
      wanting: (fn) => {
        this.warm.wanting(fn);
        if (!fn.wake.deferred) this.#waker.ensure(fn);
        this.slots.wanting(fn);
      },
      podAdded: (pod) => this.slots.podAdded(pod),
      podsChanged: (fn) => this.slots.podsChanged(fn),
      slotFreed: (fn, pod) => this.slots.slotFreed(fn, pod),
    };
    this.warm = new Claimer({
      clock,
      functions: () => this.table.values(),
      wake: (fn) => this.#waker.ensure(fn),
      claimed: (result) => this.metrics.claims.inc({ result }),
    });
    this.table = new FunctionTable(functions, { added: options.onFunctionAdded, removed: () => undefined });
    this.metrics = new ActivatorMetrics(
      () => this.table.values(),
      () => this.requests.size,
      () => this.#waker.starts.waiting,
    );
    const context: ExchangeContext = {
      clock,
      open: this.#open,
      holdMillis: hold.millis,
      keptBytes: new ByteBudget(hold.totalBytes),
      isTrusted: trustedProxies(options.trustedProxies),
      begun: options.tracing?.begin,
      finished: (exchange) => {
        this.#account(exchange);
        options.onFinished?.(exchange);
        options.tracing?.finished(exchange);
      },
    };
    const refused = (reason: string): void => this.metrics.refused.inc({ reason });
    const manager = options.lambdaApi?.manager;
    this.#manager = manager && new Manager({ ...manager, functions });
    this.#lambdaApi =
      options.lambdaApi &&
      new LambdaApi({
        table: () => this.table,
        context,
        authentication: options.lambdaApi.authentication,
        manager: this.#manager,
        refused,
      });
    this.requests = new RequestListener({
      table: this.table,
      names: options.names,
      limits: options.limits,
      clock,
      context,
      lambdaApi: this.#lambdaApi,
      refused,
    });
    this.#demand = new DemandFeed({ table: () => this.table, key: options.announceKey, clock, warm: this.warm });
    this.announcements = new AnnounceServer({
      table: this.table,
      key: options.announceKey,
      welcome: () => ({ type: 'welcome', activator: options.self, peers: options.peers() }),
      olderCode: options.olderCode,
      synced: options.synced,
      onOperator: (req, res) => this.#demand.accept(req, res),
      onPeer: (req, res) => this.peers.accept(req, res),
      warm: this.warm,
      events: {
        announced: (fn, pod, message) => {
          if (message.pool === undefined) {
            this.#announced(fn, message.uptimeMillis);
            this.#waker.starts.ended(fn);
          }
          this.warm.announced(fn, pod);
        },
      },
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MILLIS);
  }

  get draining(): boolean {
    return this.requests.draining;
  }

  /** Requests held or running now, and calls of Lambda's API that are being read. */
  get open(): number {
    return this.#open.size + (this.#lambdaApi?.reading ?? 0);
  }

  /** Readiness goes off elsewhere; from now on every answer closes its connection. */
  drain(): void {
    this.warm.draining = true;
    this.requests.drain();
  }

  /** The other activators are others now. */
  peersChanged(addresses: readonly string[]): void {
    this.peers.meet(addresses);
    this.announcements.peersChanged();
  }

  /** Takes nothing new; what is open is finished. */
  close(): void {
    clearInterval(this.#timer);
    this.#manager?.close();
    this.#demand.close();
    this.announcements.close();
    this.peers.close();
    this.requests.close();
  }

  #announced(fn: FunctionState, uptimeMillis: number): void {
    const cold = fn.coldStart;
    if (!cold || cold.announced !== undefined) return;
    const now = this.#clock();
    cold.process = now - uptimeMillis;
    cold.announced = now;
  }

  #account(exchange: Exchange): void {
    const { fn } = exchange;
    fn.metrics.finished(exchange);
    const cold = fn.coldStart;
    if (!cold || cold.counted || !exchange.held || Number.isNaN(exchange.firstByte)) return;
    cold.counted = true;
    fn.metrics.woke(cold, exchange.firstByte);
    this.warm.woke(fn, cold, exchange.firstByte);
  }

  #tick(): void {
    const now = this.#clock();
    for (const exchange of this.#open) exchange.checkDeadline(now);
    for (const fn of this.table.values()) {
      if (fn.queue.length > 0) fn.pump();
      // Nobody waits, but its patch has failed: a claimed pod answered, or a placeholder.
      else if (fn.wake.asked && !fn.wake.deferred) this.#waker.ensure(fn);
    }
    this.#waker.starts.tick();
    this.#manager?.pump();
    this.slots.tick();
    this.#demand.tick();
    this.#ticks += 1;
    this.warm.tick(this.#ticks % SWEEP_TICKS === 0);
    if (this.#ticks % SWEEP_TICKS !== 0) return;
    this.requests.sweep(now);
    for (const fn of this.table.values()) for (const pod of fn.pods.values()) pod.http1.sweep(now);
  }
}
