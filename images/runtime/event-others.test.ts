import { describe, expect, it } from 'vitest';
import { toEventAlb } from './event-alb.ts';
import { toEventV1 } from './event-v1.ts';
import { facts, head, type Parts } from './testing/head.ts';

const request: Parts = {
  url: '/a%20b/c?x=1&y=%C3%A9&x=2&z',
  method: 'POST',
  headers: [
    ['Host', 'hello.default.lull.localhost:8080'],
    ['Content-Type', 'application/json'],
    ['Cookie', 'a=b; c=d'],
    ['Accept', 'text/html'],
    ['Accept', '*/*'],
    ['Connection', 'keep-alive'],
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-Proto', 'https'],
    ['User-Agent', 'curl/8'],
  ],
  body: Buffer.from('{"é":1}'),
};

/** Of several values the last. */
const headers = {
  host: 'hello.default.lull.localhost:8080',
  'content-type': 'application/json',
  cookie: 'a=b; c=d',
  accept: '*/*',
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'user-agent': 'curl/8',
  'x-amzn-trace-id': 'Root=1-2-3',
  'x-forwarded-port': '443',
};
const multiValueHeaders = {
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  accept: ['text/html', '*/*'],
};

describe('toEventV1', () => {
  const event = (parts: Parts) => JSON.parse(toEventV1(head(parts), parts.body ?? Buffer.alloc(0), facts)) as Record<string, unknown>;

  it('is the payload 1.0 of AWS', () => {
    expect(event(request)).toEqual({
      version: '1.0',
      resource: '/{proxy+}',
      path: '/a b/c',
      httpMethod: 'POST',
      headers,
      multiValueHeaders,
      queryStringParameters: { x: '2', y: 'é', z: '' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['é'], z: [''] },
      requestContext: {
        accountId: 'anonymous',
        apiId: 'hello',
        authorizer: null,
        domainName: 'hello.default.lull.localhost',
        domainPrefix: 'hello',
        extendedRequestId: 'id-1',
        httpMethod: 'POST',
        identity: {
          accessKey: null,
          accountId: null,
          caller: null,
          cognitoAuthenticationProvider: null,
          cognitoAuthenticationType: null,
          cognitoIdentityId: null,
          cognitoIdentityPoolId: null,
          principalOrgId: null,
          sourceIp: '203.0.113.7',
          user: null,
          userAgent: 'curl/8',
          userArn: null,
        },
        path: '/a b/c',
        protocol: 'HTTP/1.1',
        requestId: 'id-1',
        requestTime: '24/Nov/2026:08:12:35 +0000',
        requestTimeEpoch: 1_795_507_955_120,
        resourceId: null,
        resourcePath: '/{proxy+}',
        stage: '$default',
      },
      pathParameters: { proxy: 'a b/c' },
      stageVariables: null,
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it('says null where there is nothing', () => {
    expect(event({})).toMatchObject({
      resource: '/',
      pathParameters: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: null,
      isBase64Encoded: false,
    });
  });
});

describe('toEventAlb', () => {
  const event = (parts: Parts, multiValue: boolean) =>
    JSON.parse(toEventAlb(head(parts), parts.body ?? Buffer.alloc(0), facts, multiValue)) as Record<string, unknown>;
  const elb = { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/hello/0000000000000000' };
  const common = { requestContext: { elb }, httpMethod: 'POST', path: '/a%20b/c', body: '{"é":1}', isBase64Encoded: false };

  it('is what a load balancer sends: nothing is decoded, and of several values the last counts', () => {
    expect(event(request, false)).toEqual({ ...common, headers, queryStringParameters: { x: '2', y: '%C3%A9', z: '' } });
  });

  it('with several values, by choice', () => {
    expect(event(request, true)).toEqual({
      ...common,
      multiValueHeaders,
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['%C3%A9'], z: [''] },
    });
  });

  it('has an empty body and no parameters where there are none', () => {
    expect(event({}, false)).toMatchObject({ body: '', isBase64Encoded: false, queryStringParameters: {} });
    expect(event({}, true)).toMatchObject({ multiValueQueryStringParameters: {} });
  });

  it('does not look into what is encoded', () => {
    const encoded = event({ headers: [['Content-Encoding', 'br']], body: Buffer.from('text') }, false);
    expect(encoded).toMatchObject({ body: 'dGV4dA==', isBase64Encoded: true });
  });
});
