import type { HttpHead } from './direct-head.ts';
import { bodyOf, clf, clientAddress, domainOf, headerPairs, safeDecode, single, splitTarget } from './event-parts.ts';
import type { EventFacts } from './translation.ts';

/** An HTTP request as API Gateway's payload 2.0 (LAMBDA.md; the same as a function URL's). */
export function toEventV2(req: HttpHead, body: Buffer, { id, function: name, traceId, now }: EventFacts): string {
  const { path, query } = splitTarget(req.url);
  const cookies = req.headers.cookie
    ?.split(';')
    .map((cookie) => cookie.trim())
    .filter(Boolean);
  const queryStringParameters = query === '' ? undefined : single(new URLSearchParams(query), 'joined');
  const content = bodyOf(req, body);
  const rawPath = safeDecode(path);
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    ...(cookies && { cookies }),
    // Cookies are apart.
    headers: single(
      headerPairs(req, traceId).filter(([header]) => header !== 'cookie'),
      'joined',
    ),
    ...(queryStringParameters && { queryStringParameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId: name,
      ...domainOf(req),
      http: {
        method: req.method,
        path: rawPath,
        protocol: `HTTP/${req.httpVersion}`,
        sourceIp: clientAddress(req),
        userAgent: req.headers['user-agent'] ?? '',
      },
      requestId: id,
      routeKey: '$default',
      stage: '$default',
      time: clf(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: content.body }),
    isBase64Encoded: content.isBase64Encoded,
  });
}
