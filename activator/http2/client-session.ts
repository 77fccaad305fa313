import { constants, type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { answerWithError } from '../forward/answer-error.ts';
import type { ClientSide, RequestSink } from '../forward/sides.ts';
import { ProtocolError, type RequestHead } from '../http1/message.ts';
import { ClientStream, requestHeadOf } from './client-stream.ts';

export interface SessionOwner {
  readonly limits: { headBytes: number; idleMillis: number };
  clock(): number;
  begin(client: ClientSide, head: RequestHead): RequestSink | undefined;
  closed(session: ClientSession): void;
}

/** Streams of one connection at once, as nginx has it. */
const MAX_STREAMS = 128;
/** Enough for a stream to fill a link of 1 Gbit/s at 2 ms. */
const WINDOW_BYTES = 262_144;

/** A client's connection that speaks HTTP/2, told by its preface or by ALPN. */
export class ClientSession {
  readonly address: string;
  readonly #session: ServerHttp2Session;
  readonly #owner: SessionOwner;
  #streams = 0;
  #since: number;

  constructor(socket: Socket, address: string, encrypted: boolean, owner: SessionOwner) {
    this.address = address;
    this.#owner = owner;
    this.#since = owner.clock();
    const session = performServerHandshake(socket, {
      settings: { maxConcurrentStreams: MAX_STREAMS, initialWindowSize: WINDOW_BYTES, maxHeaderListSize: owner.limits.headBytes },
    });
    this.#session = session;
    session.on('stream', (stream, headers, flags) => this.#begin(stream, headers, flags, encrypted));
    session.on('error', () => undefined);
    session.on('close', () => owner.closed(this));
  }

  get idle(): boolean {
    return this.#streams === 0;
  }

  sweep(now: number): void {
    if (this.idle && now - this.#since > this.#owner.limits.idleMillis) this.#session.close();
  }

  /** GOAWAY: the client opens no new streams, and those that are open are finished. */
  drain(): void {
    if (!this.#session.closed) this.#session.close();
  }

  cut(): void {
    this.#session.destroy();
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, encrypted: boolean): void {
    this.#streams += 1;
    stream.once('close', () => {
      this.#streams -= 1;
      this.#since = this.#owner.clock();
    });
    const client = new ClientStream(stream, this.address, encrypted);
    const endsStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    try {
      client.serve(this.#owner.begin(client, requestHeadOf(headers, endsStream)), !endsStream);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      client.serve(undefined, false);
      answerWithError(client, error.code, { requestId: '-', detail: error.message, close: false });
    }
  }
}
