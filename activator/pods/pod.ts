import type { ActivatorMessage } from '../../common/api/announcement.ts';
import type { Clock } from '../clock.ts';
import type { Connecting, Exchange } from '../forward/exchange.ts';
import { PodConnections } from '../http1/pod-connections.ts';
import { PodSession } from '../http2/pod-session.ts';

/** What is known of a pod from its announcement or, failing that, from the API. */
export interface PodAddress {
  name: string;
  revision: string;
  ip: string;
  port: number;
}

/** For how long a pod gets nothing new after a connection to it could not be made, or broke several times in a row. */
const EJECT_MILLIS = 500;
/** Breaks in a row that are the pod's fault rather than one request's. */
const BREAKS_TO_EJECT = 3;
/** Connections that are being made at once: a server's backlog is 128 to 511, and what it overflows with waits a second for TCP to try again. */
const MAX_CONNECTING = 100;

/** One pod of a function: its address, its connections, and how many requests run in it. */
export class Pod {
  readonly name: string;
  readonly revision: string;
  readonly ip: string;
  readonly port: number;
  readonly http1: PodConnections;
  #http2: PodSession | undefined;
  /** Hard limit of requests at once, over all activators. */
  readonly slots: number;
  /** Of these, how many this activator may use: all of them when it is alone (slots/). */
  allowed: number;
  /** Requests running in it now, of this activator, and of the others as they said last. */
  running = 0;
  runningElsewhere = 0;
  /** Requests running in it that came past the activators, as it said last. */
  direct = 0;
  /** The WarmPool that it was claimed from; empty for a pod of the function's own. */
  pool = '';
  /** When a request of this activator's ended in it last; kept for claimed pods only. */
  usedAt = Number.NEGATIVE_INFINITY;
  /** Says something to it, on the stream by which it announced itself last. */
  say: ((message: ActivatorMessage) => void) | undefined;
  /** Ends, or is asked to: gets nothing new. */
  draining = false;
  /** The API shows it being deleted: it will not come back. */
  deleting = false;
  /** It has announced itself, and the announcement's connection stands. */
  announced = false;
  /** The API shows it Ready: good enough to be used when it cannot announce itself. */
  apiReady = false;
  /** When it was first known to listen; undefined before. Known at once for the bridge, found out by trying for somebody else's server. */
  listeningSince: number | undefined;
  readonly #clock: Clock;
  #ejectedUntil = 0;
  #breaks = 0;

  /** @param slots requests at once; 0 for no limit @param onRoom a connection stands, or failed: another may be made */
  constructor(address: PodAddress, slots: number, clock: Clock, onRoom: () => void) {
    this.name = address.name;
    this.revision = address.revision;
    this.ip = address.ip;
    this.port = address.port;
    this.slots = slots || Number.POSITIVE_INFINITY;
    this.allowed = this.slots;
    this.#clock = clock;
    this.http1 = new PodConnections(address.ip, address.port, clock, onRoom);
  }

  get listening(): boolean {
    return this.listeningSince !== undefined;
  }

  /** Takes part in what is shared out: it answers, and is not about to end. */
  get serving(): boolean {
    return this.listeningSince !== undefined && !this.draining && (this.announced || this.apiReady);
  }

  /** Requests that this activator may still give it: of its slots, those that it was lent and that direct callers do not have. */
  get room(): number {
    return Math.min(this.allowed, this.slots - this.direct) - this.running;
  }

  /** Whether it may be given another request at `now`. */
  available(now: number): boolean {
    return this.serving && this.room > 0 && now >= this.#ejectedUntil && this.http1.connecting < MAX_CONNECTING;
  }

  /** Sends it a request; returns the connection if one has to be made for it first. */
  send(exchange: Exchange): Connecting | undefined {
    if (!exchange.byHttp2) return this.http1.open(exchange);
    this.#http2 ??= new PodSession(this.ip, this.port);
    return this.#http2.open(exchange);
  }

  listens(): void {
    this.listeningSince ??= this.#clock();
  }

  /** It answered: whatever broke before was not its fault. */
  answered(): void {
    this.#breaks = 0;
  }

  /** A connection broke with a request on it. */
  broke(): void {
    this.#breaks += 1;
    if (this.#breaks >= BREAKS_TO_EJECT) this.eject();
  }

  /** No connection could be made: leave it alone for a moment. */
  eject(): void {
    this.#breaks = 0;
    this.#ejectedUntil = this.#clock() + EJECT_MILLIS;
  }

  /** Gone: what runs in it is broken off by the pod's own end, not by us. */
  close(): void {
    this.draining = true;
    this.http1.close();
    this.#http2?.close();
  }
}
