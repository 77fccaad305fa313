import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AnswerExtras, ClientSide, RequestSink } from '../forward/sides.ts';
import { contentLength } from '../http1/fields.ts';
import { CHUNKED, ProtocolError, type RequestHead, type ResponseHead } from '../http1/message.ts';
import { endToEnd, isGrpc, outgoing } from './fields.ts';

/** One request of a client that speaks HTTP/2: a stream of its connection. */
export class ClientStream implements ClientSide {
  readonly address: string;
  readonly encrypted: boolean;
  /** Pods speak HTTP/1 to those who come directly: a client of HTTP/2 is as well off here. */
  readonly openedAt = Number.POSITIVE_INFINITY;
  readonly #stream: ServerHttp2Stream;
  #exchange: RequestSink | undefined;
  #trailers: string[] | undefined;
  #answerTrailers: string[] | undefined;
  #room = true;
  #ended = false;

  constructor(stream: ServerHttp2Stream, address: string, encrypted: boolean) {
    this.#stream = stream;
    this.address = address;
    this.encrypted = encrypted;
  }

  /** Ties the stream to its exchange; there is nothing to read of a request that was answered at once. */
  serve(exchange: RequestSink | undefined, hasBody: boolean): void {
    const stream = this.#stream;
    stream.on('error', () => undefined);
    if (!exchange) return;
    this.#exchange = exchange;
    stream.on('close', () => {
      this.#exchange = undefined;
      if (!this.#ended) exchange.clientLeft();
    });
    stream.on('drain', () => exchange.clientDrained());
    if (!hasBody) exchange.bodyEnd(undefined);
    else {
      stream.on('trailers', (headers: IncomingHttpHeaders) => {
        this.#trailers = endToEnd(headers);
      });
      stream.on('data', (chunk: Buffer) => {
        if (!exchange.bodyData(chunk)) stream.pause();
      });
      stream.on('end', () => exchange.bodyEnd(this.#trailers));
    }
    exchange.admit();
  }

  leave(): void {
    // Never asked to.
  }

  informational(head: ResponseHead): void {
    if (!this.#stream.destroyed && !this.#stream.headersSent)
      this.#stream.additionalHeaders(outgoing(head.fields, { ':status': head.status }));
  }

  answer(head: ResponseHead, extras: AnswerExtras): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    const headers: OutgoingHttpHeaders = outgoing(head.fields, { ':status': head.status });
    if (head.contentLength >= 0 && head.status !== 204) headers['content-length'] = head.contentLength;
    if (!head.hasRequestId) headers['x-request-id'] = extras.requestId;
    if (extras.serverTiming !== undefined) {
      const given = headers['server-timing'];
      headers['server-timing'] = given === undefined ? extras.serverTiming : `${String(given)}, ${extras.serverTiming}`;
    }
    const endStream = head.bodyLength === 0;
    stream.respond(headers, { endStream, waitForTrailers: !endStream });
    if (endStream) return;
    // Without any, node ends the stream by an empty DATA frame.
    stream.once('wantTrailers', () => stream.sendTrailers(outgoing(this.#answerTrailers ?? [], {})));
  }

  answerData(chunk: Buffer): boolean {
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#room = this.#stream.write(Buffer.from(chunk));
    return this.#room;
  }

  flush(): boolean {
    return this.#stream.destroyed || !this.#stream.writableNeedDrain;
  }

  answerEnd(trailers: string[] | undefined): void {
    this.#ended = true;
    this.#answerTrailers = trailers;
    if (this.#stream.destroyed) return;
    this.#stream.end();
    // What is left of an unread request is not wanted any longer.
    if (!this.#stream.readableEnded) this.#stream.resume();
  }

  abort(): void {
    this.#ended = true;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  pauseBody(): void {
    this.#stream.pause();
  }

  resumeBody(): void {
    if (this.#exchange) this.#stream.resume();
  }

  /** HTTP/2 has no upgrades (RFC 9113, 8.6), and none is asked for: RequestHead.upgrade is undefined. */
  turnOver(): void {
    this.abort();
  }

  finishTurnedOver(): void {
    this.abort();
  }
}

/** The head of a request from its block of fields; throws ProtocolError. */
export function requestHeadOf(headers: IncomingHttpHeaders, endsStream: boolean): RequestHead {
  const method = headers[':method'] ?? '';
  if (method === 'CONNECT') throw new ProtocolError('MethodNotSupported', 'CONNECT: this is not a forward proxy');
  const length = headers['content-length'];
  const id = headers['x-request-id'];
  const traceparent = headers['traceparent'];
  const forwarded: string[] = [];
  for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'forwarded', 'x-real-ip']) {
    const value = headers[name];
    if (value !== undefined) forwarded.push(name, String(value));
  }
  return {
    method,
    target: headers[':path'] ?? '/',
    host: headers[':authority'] ?? headers.host,
    fields: endToEnd(headers),
    forwarded,
    bodyLength: endsStream ? 0 : length === undefined ? CHUNKED : contentLength(length),
    acceptsTrailers: String(headers.te ?? '').includes('trailers'),
    expectsContinue: String(headers.expect ?? '').toLowerCase() === '100-continue',
    upgrade: undefined,
    requestId: typeof id === 'string' ? id : undefined,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    keepAlive: true,
    minor: 1,
    isGrpc: isGrpc(headers['content-type']),
  };
}
