import { Pool } from 'undici';

/** What is known of a pod from its announcement or, failing that, from the API. */
export interface PodAddress {
  name: string;
  revision: string;
  ip: string;
  port: number;
}

/** For how long a pod gets nothing new after a connection to it failed. */
const EJECT_MILLIS = 500;

/** One pod of a function: its address, its connections, and how many requests run in it. */
export class Pod {
  readonly name: string;
  readonly revision: string;
  readonly ip: string;
  readonly port: number;
  readonly origin: string;
  readonly pool: Pool;
  /** Requests running in it now, of this activator. */
  running = 0;
  /** Hard limit of `running`. */
  readonly slots: number;
  /** Ends, or is asked to: gets nothing new. */
  draining = false;
  /** The API shows it being deleted: it will not come back. */
  deleting = false;
  /** It has announced itself, and the announcement's connection stands. */
  announced = false;
  /** The API shows it Ready: good enough to be used when it cannot announce itself. */
  apiReady = false;
  /** Listens: known at once for the bridge, found out by trying for somebody else's server. */
  listening = false;
  #ejectedUntil = 0;

  /** @param slots requests at once; 0 for no limit */
  constructor(address: PodAddress, slots: number) {
    this.name = address.name;
    this.revision = address.revision;
    this.ip = address.ip;
    this.port = address.port;
    this.origin = `http://${address.ip.includes(':') ? `[${address.ip}]` : address.ip}:${address.port}`;
    this.slots = slots || Number.POSITIVE_INFINITY;
    // The function's own timeouts are enforced elsewhere (deadlines.ts); undici's would cut long answers after 300 s. A pod's server keeps idle
    // connections longer than this, or says so in its Keep-Alive header, which undici honours.
    this.pool = new Pool(this.origin, {
      connections: slots || null,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 3000, keepAlive: true },
      keepAliveTimeout: 4000,
    });
  }

  /** Whether it may be given another request at `now`. */
  available(now: number): boolean {
    return this.listening && !this.draining && (this.announced || this.apiReady) && this.running < this.slots && now >= this.#ejectedUntil;
  }

  /** A connection failed: leave it alone for a moment. */
  eject(now: number): void {
    this.#ejectedUntil = now + EJECT_MILLIS;
  }

  /** Gone: what runs in it is broken off by the pod's own end, not by us. */
  close(): void {
    this.draining = true;
    this.pool.close().catch(() => undefined);
  }
}
