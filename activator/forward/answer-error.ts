import { ERRORS, type ErrorCode } from '../errors.ts';
import type { ResponseHead } from '../http1/message.ts';
import { ownHead } from './own-head.ts';
import type { ClientSide } from './sides.ts';

export interface ErrorAnswer {
  requestId: string;
  /** What exactly was wrong, beyond the catalogue's sentence. */
  detail?: string | undefined;
  /** The connection cannot be used again. */
  close: boolean;
  isGrpc?: boolean;
}

/** An error as gRPC has it: a status in the fields of an answer without a body. 14 is UNAVAILABLE, 4 DEADLINE_EXCEEDED, 12 UNIMPLEMENTED, 13 INTERNAL. */
function grpcAnswer(code: ErrorCode, detail: string | undefined): ResponseHead {
  const { status, message } = ERRORS[code];
  const grpcStatus = status === 504 ? 4 : status === 404 ? 12 : status >= 500 ? 14 : 13;
  const text = `${code}: ${detail ?? message}`.replaceAll('%', '%25').replaceAll(/[^\x20-\x7e]/g, '?');
  const fields = ['Content-Type', 'application/grpc', 'grpc-status', String(grpcStatus), 'grpc-message', text, 'X-Lull-Error', code];
  return { ...ownHead(200, 'OK', fields, 0), contentLength: -1 };
}

/** The head and body of an error of the catalogue. */
export function errorAnswer(code: ErrorCode, requestId: string, detail?: string): { head: ResponseHead; body: Buffer } {
  const { status, message, reason } = ERRORS[code];
  const body = Buffer.from(`${JSON.stringify({ code, message, ...(detail !== undefined && { detail }), requestId })}\n`);
  const fields = ['Content-Type', 'application/json', 'X-Lull-Error', code];
  if (status === 503 || code === 'HoldTimeout') fields.push('Retry-After', '1');
  return { head: ownHead(status, reason, fields, body.length), body };
}

/** Answers with an error of the catalogue. */
export function answerWithError(client: ClientSide, code: ErrorCode, { requestId, detail, close, isGrpc = false }: ErrorAnswer): void {
  if (isGrpc) {
    client.answer(grpcAnswer(code, detail), { requestId, serverTiming: undefined }, close);
    client.answerEnd(undefined);
    return;
  }
  const { head, body } = errorAnswer(code, requestId, detail);
  client.answer(head, { requestId, serverTiming: undefined }, close);
  client.answerData(body);
  client.answerEnd(undefined);
}
