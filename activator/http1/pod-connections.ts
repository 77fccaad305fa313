import type { Clock } from '../clock.ts';
import type { Exchange } from '../forward/exchange.ts';
import { PodConnection } from './pod-connection.ts';

/**
 * How long an idle connection is used again when the server does not say how long it keeps it. Below every common server's own limit (gunicorn's 2 s is the
 * shortest): a request must not meet a connection that is being closed. A new one costs 0.1 ms.
 */
const REUSE_MILLIS = 1500;
/** And at most, when it does say so (Keep-Alive: timeout=75); a second less than it says. */
const MAX_REUSE_MILLIS = 30_000;
const SAFETY_MILLIS = 1000;

/** The connections to one pod, by HTTP/1. The newest idle one is used first, so that a burst's connections age and are closed. */
export class PodConnections {
  readonly ip: string;
  readonly port: number;
  readonly #clock: Clock;
  readonly #idle: PodConnection[] = [];
  readonly #onRoom: () => void;
  /** Connections that are being made. */
  connecting = 0;
  #closed = false;

  /** @param onRoom one fewer is being made */
  constructor(ip: string, port: number, clock: Clock, onRoom: () => void) {
    this.ip = ip;
    this.port = port;
    this.#clock = clock;
    this.#onRoom = onRoom;
  }

  /** Sends the exchange on an idle connection, or on a new one once it stands. Returns the new one. */
  open(exchange: Exchange): PodConnection | undefined {
    const now = this.#clock();
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.reusable(now)) {
        idle.begin(exchange);
        return undefined;
      }
      idle.closeIfIdle();
    }
    const connection = new PodConnection(this, exchange);
    this.connecting += 1;
    return connection;
  }

  /** One stands now, or never will. */
  connected(): void {
    this.connecting -= 1;
    this.#onRoom();
  }

  /** A connection has nothing to do. */
  rests(connection: PodConnection, keepAliveSeconds: number | undefined): void {
    if (this.#closed) {
      connection.closeIfIdle();
      return;
    }
    const now = this.#clock();
    const reuse = keepAliveSeconds === undefined ? REUSE_MILLIS : Math.min(MAX_REUSE_MILLIS, keepAliveSeconds * 1000 - SAFETY_MILLIS);
    connection.reusableUntil = now + reuse;
    this.#idle.push(connection);
  }

  gone(connection: PodConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** Closes idle connections that are not used again, the oldest of which are first. */
  sweep(now: number): void {
    while (this.#idle.length > 0 && !(this.#idle[0] as PodConnection).reusable(now)) (this.#idle[0] as PodConnection).closeIfIdle();
  }

  /** Uses none of them again; those with a request under way finish it. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#idle]) connection.closeIfIdle();
  }
}
