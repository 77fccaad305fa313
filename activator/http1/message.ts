import type { ErrorCode } from '../errors.ts';

/** Values of `bodyLength` that are no length. */
export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;

/** What ends a head. */
export const HEAD_END = Buffer.from('\r\n\r\n');
/** What surely travels in one segment: a request of at most so much can be told to have met a closed connection, and is sent again (pod-connection.ts). */
export const ONE_SEGMENT_BYTES = 1400;

/** The head of a request, whatever the protocol it came by. */
export interface RequestHead {
  method: string;
  /** Path and query, as they were sent; the absolute form is taken apart into this and `host`. */
  target: string;
  host: string | undefined;
  /** End-to-end fields, names and values alternating, as they were written; without those that are told apart below. */
  fields: string[];
  /** X-Forwarded-*, Forwarded and X-Real-IP as the client sent them: kept only when it is a trusted proxy. */
  forwarded: string[];
  /** Bytes of the body, or CHUNKED when they are not known beforehand. */
  bodyLength: number;
  /** `Trailer`s may be sent to this client (TE: trailers). */
  acceptsTrailers: boolean;
  expectsContinue: boolean;
  /** The protocol that the connection is to be turned over to, such as websocket. */
  upgrade: string | undefined;
  requestId: string | undefined;
  traceparent: string | undefined;
  /** Whether the connection may take another request after this one. */
  keepAlive: boolean;
  /** Minor version of HTTP/1; 1 for HTTP/2. */
  minor: number;
  /** A gRPC call: forwarded by HTTP/2 whatever the function says. */
  isGrpc: boolean;
}

/** The head of an answer, whatever the protocol it came by. */
export interface ResponseHead {
  status: number;
  reason: string;
  /** End-to-end fields, names and values alternating, as they were written. */
  fields: string[];
  /** What Content-Length says (of an answer to HEAD, too), or -1. */
  contentLength: number;
  /** Bytes of the body that follows, or CHUNKED, or UNTIL_CLOSE. */
  bodyLength: number;
  hasRequestId: boolean;
  keepAlive: boolean;
  /** Seconds for which the server keeps an idle connection, if it says so (Keep-Alive: timeout=5). */
  keepAliveSeconds: number | undefined;
}

/** How much of a head is taken. */
export interface HeadLimits {
  /** Bytes of the whole head. */
  headBytes: number;
  fields: number;
  /** Bytes of method, target and version. */
  requestLineBytes: number;
}

/** What came is not HTTP as RFC 9110 and 9112 have it, or is more of it than is taken. */
export class ProtocolError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}
