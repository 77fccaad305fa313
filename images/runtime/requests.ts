import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { readDirectly } from '../../common/net/direct-read.ts';
import { type Call, MAX_REQUEST_BYTES } from './call.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import { NodeCall } from './node-call.ts';
import { PlainConnection, type PlainEvents } from './plain-connection.ts';
import { isRawEvent, RawExchange } from './raw-exchange.ts';

/** Of both ports: as much head as the activator takes; a client that is slow with it is let go. */
export const LIMITS = { headersTimeout: 20_000, maxHeaderSize: 81_920, noDelay: true } as const;

/** Answers a request, which is an event already or becomes one. */
export function answering(options: ExchangeOptions): (call: Call) => void {
  return (call) => (isRawEvent(call.head) ? new RawExchange(call, options) : new Exchange(call, options)).begin();
}

/** The pod's port for activators: an HTTP request becomes an event, what the handler returns becomes the response; or it is an event already. */
export class RequestServer {
  readonly #server: NetServer;
  /** For whatever is unusual (plain-connection.ts). */
  readonly #http: Server;
  /** Of those that are read here. */
  readonly #connections = new Map<Socket, PlainConnection>();

  constructor(options: ExchangeOptions) {
    const answer = answering(options);
    // The activator closes idle connections itself, within 30 s: a timer here would be set and cleared for each request, a tenth of what the bridge does for one. A peer that
    // vanished is found by TCP.
    this.#http = createServer({ ...LIMITS, keepAliveTimeout: 0, requestTimeout: 0 }, (req, res) => answer(new NodeCall(req, res)));
    // What Node does when it listens, and without which it never looks for slow heads: this server is only handed connections.
    this.#http.emit('listening');
    const events: PlainEvents = {
      request: answer,
      unusual: (socket, read) => {
        this.#connections.delete(socket);
        socket.unshift(read);
        this.#http.emit('connection', socket);
        socket.resume();
      },
    };
    this.#server = createNetServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 75_000, pauseOnConnect: true }, (accepted) => {
      const socket = readDirectly(accepted);
      this.#connections.set(socket, new PlainConnection(socket, MAX_REQUEST_BYTES, events));
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Calls back with the port. */
  listen(port: number, listening: (port: number) => void): void {
    this.#server.listen(port, () => listening((this.#server.address() as AddressInfo).port));
  }

  /** Listens no more, and closes what has nothing to do. */
  close(): void {
    this.#server.close();
    this.#http.close();
    for (const connection of this.#connections.values()) connection.closeIfIdle();
  }
}
