import type { Readable } from 'node:stream';
import type { Failure } from './failure.ts';

/** How an invocation ended: with what the handler returned, with the end of what it streamed, or with a failure. */
export type Outcome = { kind: 'result'; body: Buffer; contentType: string } | { kind: 'streamed' } | Failure;

/** One request on its way through a handler. */
export interface Invocation {
  /** UUID, as Lambda's; also the label of the log lines. */
  readonly id: string;
  readonly event: string | Buffer;
  /** Unix milliseconds. */
  readonly deadline: number;
  readonly traceId: string;
  /** JSON, as AWS's SDKs send them; handed on as headers of the Runtime API. */
  readonly clientContext?: string | undefined;
  readonly cognitoIdentity?: string | undefined;
  /** Whether who asked takes the response as it comes (InvokeWithResponseStream), even from a runtime that does not say that it streams. */
  readonly streams?: boolean;
  /** What the caller named the function with besides ($LATEST), for the ARN that the handler sees. */
  readonly qualifier?: string | undefined;
  /** When it was handed to a handler (performance.now()). */
  started: number;
  /** Milliseconds the handler took to load, when it waited for that. */
  initMillis: number | undefined;
  /**
   * The handler begins to stream its response. Whoever takes it reads `source` to its end (pausing it holds the handler back), and must not take that end for
   * the whole: `finish` says whether it was.
   */
  stream(source: Readable, contentType: string): void;
  /** Called once, at the end of a stream too; later calls change nothing. */
  finish(outcome: Outcome): void;
  /** Each line of the log that belongs to it, those of Lambda's own among them, as AWS would write it. */
  onLine?: ((line: string) => void) | undefined;
  /** Called once, before or after `finish`: its REPORT is written, the runtime has asked for more or is gone. Nothing more comes by onLine. */
  reported?: (() => void) | undefined;
}
