import type { ResponseHead } from '../http1/message.ts';

/** The head of an answer of the activator's own, with a body of so many bytes. */
export function ownHead(status: number, reason: string, fields: string[], bytes: number): ResponseHead {
  return {
    status,
    reason,
    fields,
    contentLength: bytes,
    bodyLength: bytes,
    hasRequestId: false,
    keepAlive: true,
    keepAliveSeconds: undefined,
  };
}
