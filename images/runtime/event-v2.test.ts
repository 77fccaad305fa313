import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toEventV2 } from './event-v2.ts';
import { facts, head, type Parts } from './testing/head.ts';

function event(parts: Parts): Record<string, unknown> {
  return JSON.parse(toEventV2(head(parts), parts.body ?? Buffer.alloc(0), facts)) as Record<string, unknown>;
}

describe('toEventV2', () => {
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
        'x-amzn-trace-id': 'Root=1-2-3',
        'x-forwarded-port': '80',
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
        timeEpoch: facts.now.getTime(),
      },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it('has every header that is handed on, once, and no other', () => {
    const names = ['X-A', 'x-a', 'Accept', 'Connection', 'Cookie', 'X-Forwarded-Proto', 'X-Forwarded-Port', 'X-Amzn-Trace-Id', '__proto__'];
    const field = fc.tuple(fc.constantFrom(...names), fc.constantFrom('1', 'https', 'a "b" \\ é'));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), fc.array(field, { maxLength: 4 }), (fields, withheld) => {
        // Of a direct caller `headers` also has what is not handed on.
        const given = head({ headers: [['Host', 'h'], ...fields] });
        const req = { ...given, headers: { ...head({ headers: withheld }).headers, ...given.headers } };
        const expected = new Map<string, string>([['host', 'h']]);
        for (const [name, value] of fields) {
          const lower = name.toLowerCase();
          if (lower === 'connection' || lower === 'cookie') continue;
          const before = expected.get(lower);
          expected.set(lower, before === undefined ? value : `${before},${value}`);
        }
        const https = fields.some(([name, value]) => name === 'X-Forwarded-Proto' && value === 'https');
        if (!expected.has('x-amzn-trace-id')) expected.set('x-amzn-trace-id', facts.traceId);
        if (!expected.has('x-forwarded-port')) expected.set('x-forwarded-port', https ? '443' : '80');
        const made = toEventV2(req, Buffer.alloc(0), facts);
        const { headers } = JSON.parse(made) as { headers: object };
        const sorted = (entries: Iterable<[string, string]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(Object.entries(headers))).toEqual(sorted(expected));
        for (const name of expected.keys()) expect(made.split(`"headers":{`)[1]?.split('},"')[0]?.split(`"${name}":`)).toHaveLength(2);
      }),
    );
  });

  it.each([
    ['bytes of an image', 'image/png', Buffer.from([0x89, 0x50]), true],
    ['text of an unknown type', 'application/octet-stream', Buffer.from('abc'), true],
    ['a form', 'application/x-www-form-urlencoded', Buffer.from('a=b'), false],
    ['a +json type', 'application/problem+json', Buffer.from('{}'), false],
    ['text that is compressed', 'application/json', Buffer.from([0x1f, 0x8b, 8, 0]), true],
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

  it('keeps what the front end in front of it knows already', () => {
    const headers: [string, string][] = [
      ['X-Amzn-Trace-Id', 'Root=1-9-9'],
      ['X-Forwarded-Proto', 'https'],
    ];
    expect(event({ headers })).toMatchObject({ headers: { 'x-amzn-trace-id': 'Root=1-9-9', 'x-forwarded-port': '443' } });
    expect(event({ headers: [...headers, ['X-Forwarded-Port', '8443']] })).toMatchObject({ headers: { 'x-forwarded-port': '8443' } });
  });

  it('gives every body back, byte for byte', () => {
    const types = fc.constantFrom(
      undefined,
      'text/plain',
      'application/json',
      'image/png',
      'application/x-www-form-urlencoded; charset=utf-8',
    );
    fc.assert(
      fc.property(fc.uint8Array(), types, (bytes, type) => {
        const body = Buffer.from(bytes);
        const made = event({ body, headers: type === undefined ? [] : [['content-type', type]] });
        const given = Buffer.from(String(made['body'] ?? ''), made['isBase64Encoded'] === true ? 'base64' : 'utf8');
        expect(given.equals(body)).toBe(true);
      }),
    );
  });

  it('loses no value of a query, nor of a header, whatever their names', () => {
    const name = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'é');
    const value = fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed() && !text.includes(','));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { minLength: 1 }), (pairs) => {
        const made = event({ url: `/?${new URLSearchParams(pairs)}` })['queryStringParameters'] as Record<string, string>;
        for (const key of new Set(pairs.map(([one]) => one)))
          expect(
            Object.entries(made)
              .find(([one]) => one === key)?.[1]
              .split(','),
          ).toEqual(pairs.filter(([one]) => one === key).map(([, one]) => one));
      }),
    );
  });
});
