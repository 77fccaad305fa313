import type { ServerResponse } from 'node:http';
import type { DirectHead, HttpHead } from './direct-head.ts';

/** What AWS takes for a synchronous invocation: 6 MiB. */
export const MAX_REQUEST_BYTES = 6 * 1024 * 1024;

/** Names and values alternating; several values of a name are a list. */
export type Fields = (string | number | string[])[];

/** A request, and the way back to whoever sent it, however its connection is read: by node:http (node-call.ts) or without (plain-call.ts). */
export interface Call {
  readonly head: HttpHead | DirectHead;
  /** Whoever sent it has gone, or the answer broke off. */
  readonly destroyed: boolean;
  readonly headersSent: boolean;
  /** For an answer that comes bit by bit, or of which the head is put together by Node's rules. */
  readonly response: ServerResponse;
  /**
   * Calls back once: with undefined for a body above the limit (what is over is read and dropped, so that the sender hears the answer), and with `complete` false when the
   * sender went away in the middle.
   */
  readBody(done: (body: Buffer | undefined, complete: boolean) => void): void;
  /** The body is nobody's business. */
  dropBody(): void;
  /** Answers in one piece, with a head that says its length (unless there can be no body). Throws, before anything is sent, for a field that is none. */
  send(status: number, fields: Fields, body: string | Buffer): void;
  /** The connection is to be used no more after the answer, and its head says so. */
  isLast(): void;
  /** Breaks the connection off. */
  destroy(): void;
  onClose(listener: () => void): void;
  offClose(listener: () => void): void;
}
