import { ERRORS, type ErrorCode } from '../errors.ts';
import type { ResponseHead } from '../http1/message.ts';
import type { ClientSide } from './sides.ts';

export interface ErrorAnswer {
  requestId: string;
  /** What exactly was wrong, beyond the catalogue's sentence. */
  detail?: string | undefined;
  /** The connection cannot be used again. */
  close: boolean;
}

/** The head and body of an error of the catalogue. */
export function errorAnswer(code: ErrorCode, requestId: string, detail?: string): { head: ResponseHead; body: Buffer } {
  const { status, message, reason } = ERRORS[code];
  const body = Buffer.from(`${JSON.stringify({ code, message, ...(detail !== undefined && { detail }), requestId })}\n`);
  const fields = ['Content-Type', 'application/json', 'X-Lull-Error', code];
  if (status === 503 || code === 'HoldTimeout') fields.push('Retry-After', '1');
  const head: ResponseHead = {
    status,
    reason,
    fields,
    contentLength: body.length,
    bodyLength: body.length,
    hasRequestId: false,
    keepAlive: true,
    keepAliveSeconds: undefined,
  };
  return { head, body };
}

/** Answers with an error of the catalogue. */
export function answerWithError(client: ClientSide, code: ErrorCode, { requestId, detail, close }: ErrorAnswer): void {
  const { head, body } = errorAnswer(code, requestId, detail);
  client.answer(head, { requestId, serverTiming: undefined }, close);
  client.answerData(body);
  client.answerEnd(undefined);
}
