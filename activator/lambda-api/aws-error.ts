import { STATUS_CODES } from 'node:http';
import { ownHead } from '../forward/own-head.ts';
import type { ClientSide } from '../forward/sides.ts';

/** One kind of AWS's errors: its HTTP status, whose fault it is, and how its body spells "message" (Lambda's API model has both). */
interface Kind {
  status: number;
  type?: 'User' | 'Service';
  key: 'message' | 'Message';
}

/** Errors as AWS Lambda's API has them; clients tell them by these names. The last two are Lull's own: what of the API is not served, and what is no part of it. */
const KINDS = {
  MissingAuthenticationTokenException: { status: 403, key: 'message' },
  IncompleteSignatureException: { status: 403, key: 'message' },
  InvalidSignatureException: { status: 403, key: 'message' },
  UnrecognizedClientException: { status: 403, key: 'message' },
  AccessDeniedException: { status: 403, key: 'Message' },
  ResourceNotFoundException: { status: 404, type: 'User', key: 'Message' },
  InvalidParameterValueException: { status: 400, type: 'User', key: 'message' },
  InvalidRequestContentException: { status: 400, type: 'User', key: 'message' },
  RequestTimeoutException: { status: 408, type: 'User', key: 'message' },
  RequestTooLargeException: { status: 413, type: 'User', key: 'message' },
  TooManyRequestsException: { status: 429, type: 'User', key: 'message' },
  ServiceException: { status: 500, type: 'Service', key: 'Message' },
  NotImplementedException: { status: 501, type: 'Service', key: 'Message' },
  UnknownOperationException: { status: 404, type: 'User', key: 'Message' },
} as const satisfies Record<string, Kind>;

export type AwsErrorCode = keyof typeof KINDS;

/** Why a call of Lambda's API is refused, as its caller is told. */
export class AwsError extends Error {
  readonly code: AwsErrorCode;
  /** TooManyRequestsException says which limit it was. */
  readonly reason: string | undefined;

  constructor(code: AwsErrorCode, message: string, reason?: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  get status(): number {
    return KINDS[this.code].status;
  }

  get body(): string {
    const kind: Kind = KINDS[this.code];
    return JSON.stringify({
      ...(this.reason !== undefined && { Reason: this.reason }),
      ...(kind.type !== undefined && { Type: kind.type }),
      [kind.key]: this.message,
    });
  }
}

/** Answers as AWS does: the kind in a header, the rest in a JSON body. */
export function answerAwsError(client: ClientSide, error: AwsError, requestId: string, close: boolean): void {
  const fields = ['x-amzn-ErrorType', error.code];
  if (error.code === 'TooManyRequestsException') fields.push('Retry-After', '1');
  answerOwn(client, { status: error.status, body: error.body, fields, requestId, close });
}

/** An answer of the activator's own. */
export interface OwnAnswer {
  status: number;
  /** Undefined for an answer without a body. */
  body: string | Buffer | undefined;
  /** JSON when left out. */
  contentType?: string;
  fields?: string[];
  requestId: string;
  /** The connection must not be used again. */
  close?: boolean;
}

export function answerOwn(client: ClientSide, answer: OwnAnswer): void {
  const { status, body = '', contentType = 'application/json', fields = [], requestId, close = false } = answer;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const own = ['x-amzn-RequestId', requestId, ...fields];
  if (bytes.length > 0) own.unshift('Content-Type', contentType);
  client.answer(ownHead(status, STATUS_CODES[status] ?? '', own, bytes.length), { requestId, serverTiming: undefined }, close);
  if (bytes.length > 0) client.answerData(bytes);
  client.answerEnd(undefined);
}
