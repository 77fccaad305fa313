import type { HttpHead } from './direct-head.ts';
import type { Failure } from './failure.ts';
import type { Invocation, Outcome } from './invocation.ts';

/** An HTTP response, ready to be sent. */
export interface HttpResponse {
  status: number;
  headers: [string, string | string[]][];
  /** Text stays text: Node writes it together with the head, which saves a tenth of the bridge's work. */
  body: string | Buffer;
}

export type ResponseHead = Omit<HttpResponse, 'body'>;

/** What an event tells besides the request itself. */
export interface EventFacts {
  id: string;
  function: string;
  traceId: string;
  now: Date;
}

/** One way of being invoked by HTTP: how a request becomes an event, and how what the handler made of it becomes the answer. */
export interface Translation {
  toEvent(head: HttpHead, body: Buffer, facts: EventFacts): string | Buffer;
  /** What an invocation has besides its event. */
  extras?(head: HttpHead): Pick<Invocation, 'clientContext' | 'cognitoIdentity'>;
  /** Throws, with what is wrong, for a result that is no response. */
  toResponse(result: Outcome & { kind: 'result' }): HttpResponse;
  /** Whether a streamed response of this type begins with a prelude. */
  hasPrelude(contentType: string): boolean;
  /** Head of a streamed response; throws, with what is wrong, for a prelude that is none. */
  toHead(contentType: string, prelude: string | undefined): ResponseHead;
  /** What the caller gets of a failure, where that is not the bridge's own error. */
  toFailure?(failure: Failure, id: string): HttpResponse | undefined;
}
