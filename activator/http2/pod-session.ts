import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { joinHostPort } from '../../common/host-port.ts';
import type { Connecting, Exchange } from '../forward/exchange.ts';
import { forwardedFields } from '../forward/request-head.ts';
import type { PodSide } from '../forward/sides.ts';
import { CHUNKED, type ResponseHead } from '../http1/message.ts';
import { endToEnd, outgoing } from './fields.ts';

const WINDOW_BYTES = 262_144;

/** The connection to a pod by HTTP/2 without TLS (h2c, prior knowledge): all its requests are streams of one session. */
export class PodSession {
  readonly #origin: string;
  readonly #ip: string;
  readonly #port: number;
  #session: ClientHttp2Session | undefined;
  /** The pod has shown that it speaks HTTP/2. */
  #greeted = false;

  constructor(ip: string, port: number) {
    this.#ip = ip;
    this.#port = port;
    this.#origin = `http://${joinHostPort(ip, port)}`;
  }

  open(exchange: Exchange): Connecting | undefined {
    const session = this.#session ?? this.#connect();
    const stream = new PodStream(exchange, () => this.#greeted);
    if (this.#greeted) {
      stream.send(session);
      return undefined;
    }
    // A server that speaks HTTP/1 only answers our preface with an error, and gets no request.
    session.once('remoteSettings', () => stream.send(session));
    session.once('close', () => stream.notConnected());
    return stream;
  }

  #connect(): ClientHttp2Session {
    this.#greeted = false;
    const session = connect(this.#origin, {
      createConnection: () => connectSocket({ host: this.#ip, port: this.#port, noDelay: true, keepAlive: true }),
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
    });
    session.setMaxListeners(0);
    session.once('remoteSettings', () => {
      this.#greeted = true;
    });
    const forget = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    session.on('error', forget);
    session.on('goaway', forget);
    session.on('close', forget);
    this.#session = session;
    return session;
  }

  /** Finishes what is open, and takes nothing new. */
  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }
}

/** One request to a pod: a stream of its session. */
class PodStream implements PodSide, Connecting {
  #exchange: Exchange | undefined;
  readonly #hasGreeted: () => boolean;
  #stream: ClientHttp2Stream | undefined;
  #trailers: string[] | undefined;
  #requestTrailers: string[] | undefined;
  #answered = false;

  constructor(exchange: Exchange, hasGreeted: () => boolean) {
    this.#exchange = exchange;
    this.#hasGreeted = hasGreeted;
  }

  send(session: ClientHttp2Session): void {
    const exchange = this.#exchange;
    if (!exchange) return;
    if (session.closed || session.destroyed) {
      this.notConnected();
      return;
    }
    const { request, route } = exchange;
    const headers = outgoing(forwardedFields(exchange), {
      ':method': request.method,
      ':path': route.target,
      ':scheme': exchange.client.encrypted ? 'https' : 'http',
      ':authority': request.host ?? '',
    });
    outgoing(request.fields, headers);
    if (request.acceptsTrailers) headers['te'] = 'trailers';
    if (request.bodyLength > 0) headers['content-length'] = request.bodyLength;
    const endStream = request.bodyLength === 0;
    const stream = session.request(headers, { endStream, waitForTrailers: !endStream });
    this.#stream = stream;
    stream.on('headers', (informational: IncomingHttpHeaders & { ':status'?: number | undefined }) =>
      this.#exchange?.podInformational(responseHeadOf(informational, false)),
    );
    stream.on('response', (response, flags) => {
      this.#answered = true;
      this.#exchange?.podHead(responseHeadOf(response, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0));
      this.#exchange?.flushAnswer();
    });
    stream.on('trailers', (trailers) => {
      this.#trailers = endToEnd(trailers);
    });
    stream.on('data', (chunk: Buffer) => {
      this.#exchange?.podData(chunk);
      this.#exchange?.flushAnswer();
    });
    stream.on('end', () => {
      if (!this.#answered || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
      const ending = this.#exchange;
      this.#exchange = undefined;
      ending?.podEnd(this.#trailers);
      // Answered before the request was sent to its end: nobody reads the rest.
      if (!stream.writableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    });
    stream.on('drain', () => this.#exchange?.podDrained());
    // Without any, node ends the stream by an empty DATA frame.
    stream.on('wantTrailers', () => stream.sendTrailers(outgoing(this.#requestTrailers ?? [], {})));
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed(stream.rstCode));
    exchange.podReady(this);
  }

  notConnected(): void {
    const exchange = this.#exchange;
    if (this.#stream || !exchange) return;
    this.#exchange = undefined;
    if (this.#hasGreeted()) exchange.podUnreached(true);
    else exchange.podGreetedOtherwise();
  }

  #closed(code: number): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (!exchange) return;
    // RFC 9113, 8.7: a refused stream was not processed in any way.
    if (code === constants.NGHTTP2_REFUSED_STREAM && !this.#answered) exchange.podUnreached(true);
    else exchange.podFailed(`the stream was reset (${code})`);
  }

  body(chunk: Buffer): boolean {
    return this.#stream?.write(Buffer.from(chunk)) ?? true;
  }

  bodyEnd(trailers: string[] | undefined): void {
    this.#requestTrailers = trailers;
    if (this.#stream && !this.#stream.writableEnded) this.#stream.end();
  }

  abort(): void {
    this.#exchange = undefined;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  forget(): void {
    this.#exchange = undefined;
  }

  giveUp(): void {
    this.notConnected();
  }
}

function responseHeadOf(headers: IncomingHttpHeaders & { ':status'?: number | undefined }, ended: boolean): ResponseHead {
  const length = headers['content-length'];
  const contentLength = length === undefined ? -1 : Number(length);
  const requestId = headers['x-request-id'];
  const fields = endToEnd(headers);
  if (requestId !== undefined) fields.push('x-request-id', String(requestId));
  return {
    status: headers[':status'] ?? 502,
    reason: '',
    fields,
    contentLength,
    bodyLength: ended ? 0 : contentLength >= 0 ? contentLength : CHUNKED,
    hasRequestId: requestId !== undefined,
    keepAlive: true,
    keepAliveSeconds: undefined,
  };
}
