import type { ErrorCode } from './errors.ts';

/** How an invocation ended: with what the handler returned, or with one of the bridge's errors and, for the log, what exactly happened. */
export type Outcome =
  | { kind: 'result'; body: Buffer; contentType: string; prelude?: string | undefined }
  | { kind: 'error'; code: ErrorCode; detail: string /** What the runtime itself said of it. */; payload?: Buffer | undefined };

/** One request on its way through a handler. */
export interface Invocation {
  /** UUID, as Lambda's; also the label of the log lines. */
  readonly id: string;
  readonly event: string;
  /** Unix milliseconds. */
  readonly deadline: number;
  readonly traceId: string;
  /** JSON in ASCII: what the caller of Lambda's API says of itself. */
  readonly clientContext?: string | undefined;
  /** When it was handed to a handler (performance.now()). */
  started: number;
  /** Milliseconds the handler took to load, when this is the first invocation of its process. */
  initMillis: number | undefined;
  /** Called once; later calls change nothing. */
  finish(outcome: Outcome): void;
}
