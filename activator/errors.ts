import type { ServerResponse } from 'node:http';

/** One kind of refusal: its HTTP status and a sentence that says what to do. The code is stable; scripts may rely on it. */
interface CatalogueEntry {
  status: number;
  message: string;
}

/** Every error that the activator answers with. */
export const ERRORS = {
  NoSuchFunction: {
    status: 404,
    message:
      'No function answers here. Call NAME.NAMESPACE.DOMAIN (host), or /NAMESPACE/NAME/ (path); kubectl get fn -A lists the functions.',
  },
  FunctionDeleted: { status: 404, message: 'The function was deleted while the request waited for it.' },
  FunctionStopped: {
    status: 503,
    message: 'The function is stopped by spec.replicas: 0. Remove spec.replicas, or kubectl scale fn NAME --replicas=1.',
  },
  TooManyHeld: {
    status: 503,
    message: 'As many requests as may wait for this function are waiting already. Try again later, or raise activator.holdRequests.',
  },
  HoldTimeout: {
    status: 504,
    message: 'No pod became free for this request in the time that it may wait. kubectl describe fn NAME says why.',
  },
  FunctionTimeout: { status: 504, message: 'The function did not answer within spec.timeoutSeconds.' },
  PodUnreachable: {
    status: 502,
    message: 'The connection to the pod broke before it answered; whether the request ran is not known, so it was not sent again.',
  },
  PodAnswerBroken: { status: 502, message: 'The pod sent something that is not an HTTP answer.' },
  ShuttingDown: { status: 503, message: 'This activator is shutting down. Try again: another one answers.' },
  RequestHeadersTooLarge: { status: 431, message: 'The request headers are larger than 64 KiB.' },
  BadRequest: { status: 400, message: 'The request is not valid HTTP.' },
  // The announcements' refusals.
  BadAnnouncement: {
    status: 400,
    message: 'The announcement is not one: expected a JSON line of type announce, see docs/reference/announcement.md.',
  },
  BadToken: { status: 401, message: 'The token does not belong to this revision, or the key has changed.' },
  WrongAddress: { status: 403, message: 'The announced address is not the one that the connection comes from.' },
  UnknownRevision: { status: 404, message: 'The function of this pod is not known (yet). Announce again.' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Answers with an error of the catalogue; a response that has begun can only be broken off. */
export function answerError(res: ServerResponse, code: ErrorCode, requestId?: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, message } = ERRORS[code];
  const body = `${JSON.stringify({ code, message, ...(requestId && { requestId }) })}\n`;
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-lull-error': code,
  };
  if (status === 503 || code === 'HoldTimeout') headers['retry-after'] = 1;
  // What is left of an unread body would be taken for the next request.
  if (res.req && !res.req.complete) headers['connection'] = 'close';
  res.writeHead(status, headers);
  res.end(body);
}
