import type { HttpHead } from './direct-head.ts';
import { bodyOf, clf, clientAddress, domainOf, headerPairs, multiple, safeDecode, single, splitTarget } from './event-parts.ts';
import type { EventFacts } from './translation.ts';

/** Who called, of which we know no more than where from. */
const NOBODY = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
} as const;

/** An HTTP request as API Gateway's payload 1.0, which is also what its REST APIs send: one route, {proxy+}, that takes every path. */
export function toEventV1(req: HttpHead, body: Buffer, { id, function: name, traceId, now }: EventFacts): string {
  const { path: target, query } = splitTarget(req.url);
  const path = safeDecode(target);
  const parameters = [...new URLSearchParams(query)];
  const headers = headerPairs(req, traceId);
  const content = bodyOf(req, body);
  const resource = path === '/' ? '/' : '/{proxy+}';
  return JSON.stringify({
    version: '1.0',
    resource,
    path,
    httpMethod: req.method,
    headers: single(headers, 'last'),
    multiValueHeaders: multiple(headers),
    queryStringParameters: single(parameters, 'last') ?? null,
    multiValueQueryStringParameters: multiple(parameters) ?? null,
    requestContext: {
      accountId: 'anonymous',
      apiId: name,
      authorizer: null,
      ...domainOf(req),
      extendedRequestId: id,
      httpMethod: req.method,
      identity: { ...NOBODY, sourceIp: clientAddress(req), userAgent: req.headers['user-agent'] ?? '' },
      path,
      protocol: `HTTP/${req.httpVersion}`,
      requestId: id,
      requestTime: clf(now),
      requestTimeEpoch: now.getTime(),
      resourceId: null,
      resourcePath: resource,
      stage: '$default',
    },
    pathParameters: path === '/' ? null : { proxy: path.slice(1) },
    stageVariables: null,
    body: body.length > 0 ? content.body : null,
    isBase64Encoded: content.isBase64Encoded,
  });
}
