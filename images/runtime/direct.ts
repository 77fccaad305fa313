import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { trustedProxies } from '../../common/trusted-proxies.ts';
import { directHead } from './direct-head.ts';
import { DirectMetrics } from './direct-metrics.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { Forwarder } from './forwarder.ts';
import type { Gate } from './gate.ts';
import { NodeCall } from './node-call.ts';
import { prefaceServer } from './preface.ts';
import { LIMITS } from './requests.ts';

/** After a request that found no room answers close their connections for so long: whoever comes again may be led to another pod, or to the activators. */
const CROWDED_MILLIS = 1000;
/** And a connection is closed at this age anyway, or callers would never see pods that have come since. */
const MAX_AGE_MILLIS = 30_000;
/**
 * Told to clients (Keep-Alive: timeout=2), while idle connections are kept for longer: less than the 3 s without a request after which a pod that ends closes them,
 * so that a client that goes by it never sends into a connection that is being closed.
 */
const KEEP_ALIVE_MILLIS = 2000;
const KEEP_ALIVE_BUFFER_MILLIS = 73_000;

export interface DirectOptions extends ExchangeOptions {
  gate: Gate;
  /** The number of slots that direct callers take has changed. */
  onLoad: () => void;
}

/**
 * The pod's port for callers that come past the activators. A request runs here while there is a slot that nobody waits for; otherwise (full, ending, not loaded
 * yet) it is handed on to the activators, so that none is lost and the limit holds.
 */
export class DirectServer {
  readonly metrics: DirectMetrics;
  readonly #options: DirectOptions;
  readonly #forwarder: Forwarder;
  readonly #isTrusted: (address: string) => boolean;
  readonly #http = createServer(
    {
      ...LIMITS,
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
      keepAliveTimeoutBuffer: KEEP_ALIVE_BUFFER_MILLIS,
      // A request that is read has a slot already: a client that sends it too slowly is let go. Looked at every 5 s.
      requestTimeout: 60_000,
      connectionsCheckingInterval: 5000,
    },
    (req, res) => this.#handle(req, res),
  );
  readonly #begun = new WeakMap<Socket, number>();
  #crowdedUntil = 0;

  constructor(options: DirectOptions) {
    const { config } = options;
    this.#options = options;
    this.metrics = new DirectMetrics(config.namespace, config.function);
    this.#forwarder = new Forwarder(config);
    this.#isTrusted = trustedProxies(config.trustedProxies);
    // What Node does when it listens, and without which it never looks for slow clients: this server is only handed connections.
    this.#http.emit('listening');
  }

  /** Nothing of what was handed on is still under way. */
  get quiet(): boolean {
    return this.#forwarder.open === 0;
  }

  listen(port: number): void {
    prefaceServer({
      onHttp1: (socket) => {
        this.#begun.set(socket, performance.now());
        this.#http.emit('connection', socket);
      },
      host: this.#forwarder.host,
      port: this.#forwarder.port,
      onTraffic: this.#options.onRequest,
    }).listen(port);
  }

  #handle(req: IncomingMessage, res: ServerResponse): void {
    const { gate, pool, isDraining, onRequest, onLoad } = this.#options;
    onRequest();
    const head = directHead(req, this.#isTrusted);
    if (isDraining() || !pool.ready || !gate.tryTake()) {
      this.metrics.overflow += 1;
      this.#crowdedUntil = performance.now() + CROWDED_MILLIS;
      this.#forwarder.forward(req, res, head);
      return;
    }
    this.metrics.begun();
    onLoad();
    const ended = (status: number): void => {
      this.metrics.ended(status);
      onLoad();
    };
    const closes = (): boolean => this.#closes(req.socket, performance.now());
    new Exchange(new NodeCall(req, res), this.#options, { head, ended, closes }).begin();
  }

  #closes(socket: Socket, now: number): boolean {
    return now < this.#crowdedUntil || now - (this.#begun.get(socket) ?? now) >= MAX_AGE_MILLIS;
  }
}
