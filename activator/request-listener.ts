import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { isLambdaPath } from '../common/lambda-api/operation.ts';
import { readDirectly } from '../common/net/direct-read.ts';
import type { Clock } from './clock.ts';
import { answerWithError, errorAnswer } from './forward/answer-error.ts';
import type { ExchangeContext } from './forward/context.ts';
import { Exchange } from './forward/exchange.ts';
import type { ClientSide, RequestSink } from './forward/sides.ts';
import type { FunctionTable } from './function-table.ts';
import { ClientConnection, type ConnectionLimits, type ConnectionOwner } from './http1/client-connection.ts';
import type { ProtocolError, RequestHead } from './http1/message.ts';
import { ClientSession } from './http2/client-session.ts';
import type { LambdaApi } from './lambda-api/lambda-api.ts';
import { plainAddress } from './plain-address.ts';
import { AmbiguousPath, isClusterHost, type RouteNames, route } from './routing/route.ts';

/** A client's own request id is kept when it is one that may go into a log. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:/=+-]{1,128}$/;

export interface ListenerLimits extends ConnectionLimits {
  /** Connections of one client address; 0 for no limit, as behind a load balancer that shows its own address only. */
  connectionsPerAddress: number;
}

export interface ListenerOptions {
  table: FunctionTable;
  names: RouteNames;
  limits: ListenerLimits;
  clock: Clock;
  context: ExchangeContext;
  /** Undefined when Lambda's API is not served. */
  lambdaApi?: LambdaApi | undefined;
  /** A request was refused before it was known for which function. */
  refused: (code: string) => void;
}

/** A client's connection, whatever it speaks. */
interface Connection {
  readonly address: string;
  readonly idle: boolean;
  sweep(now: number): void;
  drain(): void;
  cut(): void;
}

/** The request port: a request's way begins here → route → function → held, or forwarded (forward/exchange.ts). */
export class RequestListener implements ConnectionOwner {
  readonly server: Server;
  readonly limits: ListenerLimits;
  draining = false;
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Connection>();
  readonly #byAddress = new Map<string, number>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.limits = options.limits;
    this.server = createServer(
      { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, pauseOnConnect: true },
      (socket) => this.accept(readDirectly(socket), false),
    );
  }

  /** Clients' connections now. */
  get size(): number {
    return this.#connections.size;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  accept(socket: Socket, encrypted: boolean): void {
    const connection = new ClientConnection(socket, this, encrypted);
    this.#connections.add(connection);
    const { address } = connection;
    const count = (this.#byAddress.get(address) ?? 0) + 1;
    this.#byAddress.set(address, count);
    const { connectionsPerAddress } = this.limits;
    if (connectionsPerAddress > 0 && count > connectionsPerAddress) this.#refuse(connection, 'TooManyConnections');
  }

  /** A connection that has chosen HTTP/2 by ALPN. */
  acceptHttp2(socket: Socket, encrypted: boolean): void {
    const address = plainAddress(socket.remoteAddress);
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    this.#connections.add(new ClientSession(socket, address, encrypted, this));
  }

  begin(client: ClientSide, head: RequestHead): RequestSink | undefined {
    const given = head.requestId;
    const requestId = given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomUUID();
    const { table, names, context, lambdaApi } = this.#options;
    let found: ReturnType<typeof route>;
    try {
      found = route(head.host, head.target, names, table.has);
    } catch (error) {
      if (!(error instanceof AmbiguousPath)) throw error;
      this.#options.refused('BadRequest');
      answerWithError(client, 'BadRequest', { requestId, detail: error.message, close: head.bodyLength !== 0, isGrpc: head.isGrpc });
      return undefined;
    }
    // A function's own host is its own; by path no function goes before Lambda's API.
    if (lambdaApi && (found === undefined || found.prefix !== undefined) && isLambdaPath(head.target)) return lambdaApi.begin(client, head);
    const fn = found && table.get(found.key);
    if (!found || !fn) {
      this.#options.refused('NoSuchFunction');
      answerWithError(client, 'NoSuchFunction', { requestId, close: head.bodyLength !== 0, isGrpc: head.isGrpc });
      return undefined;
    }
    if (client.openedAt < fn.directFrom && this.clock() >= fn.directFrom && isClusterHost(head.host ?? '', names)) client.leave();
    return new Exchange(client, head, fn, found, requestId, context);
  }

  refuse(client: ClientConnection, error: ProtocolError): void {
    this.#refuse(client, error.code, error.message);
  }

  #refuse(client: ClientConnection, code: ProtocolError['code'], detail?: string): void {
    this.#options.refused(code);
    const requestId = randomUUID();
    const { head, body } = errorAnswer(code, requestId, detail);
    client.answerBroken(head, body, { requestId, serverTiming: undefined });
  }

  turnToHttp2(client: ClientConnection, read: Buffer): void {
    this.#connections.delete(client);
    client.socket.unshift(read);
    this.#connections.add(new ClientSession(client.socket, client.address, client.encrypted, this));
  }

  closed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const count = (this.#byAddress.get(connection.address) ?? 1) - 1;
    if (count === 0) this.#byAddress.delete(connection.address);
    else this.#byAddress.set(connection.address, count);
  }

  /** Looks at every connection, whether it takes too long for something. Called about once a second. */
  sweep(now: number): void {
    for (const connection of this.#connections) connection.sweep(now);
  }

  /** From now on every answer closes its connection, and no new streams are opened on those of HTTP/2. */
  drain(): void {
    this.draining = true;
    for (const connection of this.#connections) if (connection instanceof ClientSession) connection.drain();
  }

  /** Cuts every connection, whatever is under way: for tests of what others see then. */
  cut(): void {
    this.server.close();
    for (const connection of this.#connections) connection.cut();
  }

  /** Takes no new connections, and closes those that are idle. */
  close(): void {
    this.server.close();
    for (const connection of this.#connections) connection.drain();
  }
}
