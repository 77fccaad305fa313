import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { toEvent } from './event.ts';

const now = new Date('2026-11-24T08:12:35.120Z');

function event(parts: { url?: string; method?: string; headers?: [string, string][]; body?: Buffer }): Record<string, unknown> {
  const pairs = parts.headers ?? [];
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs) headers[name.toLowerCase()] = value;
  const req = {
    url: parts.url ?? '/',
    method: parts.method ?? 'GET',
    httpVersion: '1.1',
    headers,
    rawHeaders: pairs.flat(),
    socket: { remoteAddress: '::ffff:10.0.0.9' },
  } as unknown as IncomingMessage;
  return JSON.parse(toEvent(req, parts.body ?? Buffer.alloc(0), 'id-1', 'hello', now)) as Record<string, unknown>;
}

describe('toEvent', () => {
  it('is the payload 2.0 of AWS', () => {
    expect(
      event({
        url: '/a%20b/c?x=1&y=%C3%A9&x=2',
        method: 'POST',
        headers: [
          ['Host', 'hello.default.lull.localhost:8080'],
          ['Content-Type', 'application/json; charset=utf-8'],
          ['Cookie', 'a=b; c=d'],
          ['Accept', 'text/html'],
          ['Accept', '*/*'],
          ['Connection', 'keep-alive'],
          ['X-Forwarded-For', '6.6.6.6, 203.0.113.7'],
          ['User-Agent', 'curl/8'],
        ],
        body: Buffer.from('{"é":1}'),
      }),
    ).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a b/c',
      rawQueryString: 'x=1&y=%C3%A9&x=2',
      cookies: ['a=b', 'c=d'],
      headers: {
        host: 'hello.default.lull.localhost:8080',
        'content-type': 'application/json; charset=utf-8',
        accept: 'text/html,*/*',
        'x-forwarded-for': '6.6.6.6, 203.0.113.7',
        'user-agent': 'curl/8',
      },
      queryStringParameters: { x: '1,2', y: 'é' },
      requestContext: {
        accountId: 'anonymous',
        apiId: 'hello',
        domainName: 'hello.default.lull.localhost',
        domainPrefix: 'hello',
        http: { method: 'POST', path: '/a b/c', protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl/8' },
        requestId: 'id-1',
        routeKey: '$default',
        stage: '$default',
        time: '24/Nov/2026:08:12:35 +0000',
        timeEpoch: now.getTime(),
      },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it.each([
    ['bytes of an image', 'image/png', Buffer.from([0x89, 0x50]), true],
    ['text of an unknown type', 'application/octet-stream', Buffer.from('abc'), true],
    ['a form', 'application/x-www-form-urlencoded', Buffer.from('a=b'), false],
    ['a +json type', 'application/problem+json', Buffer.from('{}'), false],
    ['UTF-8 without a type', undefined, Buffer.from('ü'), false],
    ['other bytes without a type', undefined, Buffer.from([0xff, 0xfe]), true],
  ])('%s', (_name, type, body, base64) => {
    const made = event({ body, ...(type !== undefined && { headers: [['content-type', type]] as [string, string][] }) });
    expect(made).toMatchObject({ isBase64Encoded: base64, body: body.toString(base64 ? 'base64' : 'utf8') });
  });

  it('leaves out what there is none of, and keeps a path that cannot be decoded', () => {
    const made = event({ url: '/%zz' });
    expect(made).toMatchObject({ rawPath: '/%zz', rawQueryString: '', isBase64Encoded: false });
    expect(Object.keys(made)).not.toEqual(expect.arrayContaining(['body']));
    expect(made).not.toHaveProperty('cookies');
    expect(made).not.toHaveProperty('queryStringParameters');
    expect(made).toHaveProperty('requestContext.http.sourceIp', '10.0.0.9');
  });

  it('takes __proto__ for a name like any other', () => {
    expect(event({ url: '/?toString=1&toString=2' })).toMatchObject({ queryStringParameters: { toString: '1,2' } });
  });
});
