/** One kind of refusal: its HTTP status and a sentence that says what to do. The code is stable; scripts may rely on it. */
interface CatalogueEntry {
  status: number;
  /** The status's usual phrase. */
  reason: string;
  message: string;
}

const entry = (status: number, reason: string, message: string): CatalogueEntry => ({ status, reason, message });

/** Every error that the activator answers with. */
export const ERRORS = {
  NoSuchFunction: entry(
    404,
    'Not Found',
    'No function answers here. Call NAME.NAMESPACE.DOMAIN (host), or /NAMESPACE/NAME/ (path); kubectl get fn -A lists the functions.',
  ),
  FunctionDeleted: entry(404, 'Not Found', 'The function was deleted while the request waited for it.'),
  FunctionStopped: entry(
    503,
    'Service Unavailable',
    'The function is stopped by spec.replicas: 0. Remove spec.replicas, or kubectl scale fn NAME --replicas=1.',
  ),
  CodeNotReady: entry(
    503,
    'Service Unavailable',
    'The function has no code to run: it could not be fetched, or is refused, and there is none from before. kubectl describe fn NAME says why; as soon as it is there, requests are answered.',
  ),
  TooManyHeld: entry(
    503,
    'Service Unavailable',
    'As many requests as may wait are waiting already. Try again later, or raise activator.holdRequests or activator.holdTotalRequests.',
  ),
  HoldTimeout: entry(
    504,
    'Gateway Timeout',
    'No pod became free for this request in the time that it may wait. kubectl describe fn NAME says why.',
  ),
  FunctionTimeout: entry(504, 'Gateway Timeout', 'The function did not answer within spec.timeoutSeconds.'),
  PodUnreachable: entry(
    502,
    'Bad Gateway',
    'The connection to the pod broke before it answered; whether the request ran is not known, so it was not sent again.',
  ),
  PodAnswerBroken: entry(502, 'Bad Gateway', 'The pod sent something that is not an HTTP answer.'),
  PodSpeaksNoHttp2: entry(
    502,
    'Bad Gateway',
    'The request is gRPC, or spec.appProtocol is kubernetes.io/h2c, and the pod does not speak HTTP/2 without TLS.',
  ),
  // What is refused before it is known for whom.
  BadRequest: entry(400, 'Bad Request', 'The request is not HTTP as RFC 9110 and 9112 have it.'),
  RequestTimeout: entry(408, 'Request Timeout', 'The request did not come to its end in time. Send it at once, or raise activator.limits.'),
  BodyTooLarge: entry(413, 'Content Too Large', 'The request’s body is larger than activator.limits.bodyBytes.'),
  RequestLineTooLong: entry(414, 'URI Too Long', 'The request line is longer than activator.limits.requestLineBytes.'),
  ExpectationFailed: entry(417, 'Expectation Failed', 'Only Expect: 100-continue is known.'),
  RequestHeadersTooLarge: entry(431, 'Request Header Fields Too Large', 'The request’s head is larger than activator.limits.headBytes.'),
  TooManyFields: entry(431, 'Request Header Fields Too Large', 'The request has more header fields than activator.limits.fields.'),
  MethodNotSupported: entry(501, 'Not Implemented', 'The method is not one that is forwarded.'),
  UnsupportedTransferCoding: entry(501, 'Not Implemented', 'The only transfer coding that is understood is chunked.'),
  UnsupportedVersion: entry(505, 'HTTP Version Not Supported', 'HTTP/1.0, HTTP/1.1 and HTTP/2 are spoken here.'),
  TooManyConnections: entry(503, 'Service Unavailable', 'This address has as many connections as activator.limits.connectionsPerAddress.'),
  // The announcements' refusals.
  BadAnnouncement: entry(
    400,
    'Bad Request',
    'The announcement is not one: expected a JSON line of type announce, see docs/reference/announcement.md.',
  ),
  BadToken: entry(401, 'Unauthorized', 'The token does not belong to this revision, or the key has changed.'),
  WrongAddress: entry(403, 'Forbidden', 'The announced address is not the one that the connection comes from.'),
  UnknownRevision: entry(404, 'Not Found', 'The function of this pod is not known (yet). Announce again.'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof ERRORS;
