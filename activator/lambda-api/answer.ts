import { STATUS_CODES } from 'node:http';
import type { AwsError } from '../../common/lambda-api/aws-error.ts';
import { ownHead } from '../forward/own-head.ts';
import type { ClientSide } from '../forward/sides.ts';

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
