import { describe, expect, it } from 'vitest';
import { toHead, toInferredResponse, toProxyResponse } from './response.ts';
import { INTEGRATION } from './streamed.ts';

function response(
  value: unknown,
  toResponse = toInferredResponse,
  contentType = 'application/octet-stream',
): { status: number; headers: Record<string, string | string[]>; body: string } {
  const body = typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
  const made = toResponse({ kind: 'result', body, contentType });
  return { status: made.status, headers: Object.fromEntries(made.headers), body: made.body.toString() };
}

describe('toInferredResponse', () => {
  it.each<[string, unknown, ReturnType<typeof response>]>([
    [
      'a response',
      { statusCode: 201, headers: { 'X-A': 'b' }, body: 'c' },
      { status: 201, headers: { 'X-A': 'b', 'Content-Type': 'application/json' }, body: 'c' },
    ],
    ['without a body', { statusCode: 204 }, { status: 204, headers: {}, body: '' }],
    [
      'base64',
      { statusCode: 200, headers: { 'content-type': 'a/b' }, body: 'aGk=', isBase64Encoded: true },
      { status: 200, headers: { 'content-type': 'a/b' }, body: 'hi' },
    ],
    ['cookies', { statusCode: 200, cookies: ['a=b', 'c=d'] }, { status: 200, headers: { 'Set-Cookie': ['a=b', 'c=d'] }, body: '' }],
    [
      'cookies besides a header of theirs',
      { statusCode: 200, headers: { 'set-cookie': 'a=b' }, cookies: ['c=d'] },
      { status: 200, headers: { 'Set-Cookie': ['a=b', 'c=d'] }, body: '' },
    ],
    [
      'one name in both kinds of headers',
      { statusCode: 200, headers: { A: 'x' }, multiValueHeaders: { a: ['b', 'c'] } },
      { status: 200, headers: { a: ['b', 'c'] }, body: '' },
    ],
    ['several values', { statusCode: 200, multiValueHeaders: { A: ['b', 1] } }, { status: 200, headers: { A: ['b', '1'] }, body: '' }],
    ['statusCode as a string', { statusCode: '202', body: '' }, { status: 202, headers: {}, body: '' }],
    [
      'framing is ours',
      { statusCode: 200, headers: { 'Content-Length': '9', 'Transfer-Encoding': 'chunked' } },
      { status: 200, headers: {}, body: '' },
    ],
    ['an object without statusCode', { a: 1 }, { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' }],
    ['a list', [1], { status: 200, headers: { 'Content-Type': 'application/json' }, body: '[1]' }],
    ['null', null, { status: 200, headers: { 'Content-Type': 'application/json' }, body: 'null' }],
    ['a JSON string', '"hi"', { status: 200, headers: { 'Content-Type': 'application/json' }, body: 'hi' }],
    ['bytes', '<html>', { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: '<html>' }],
  ])('%s', (_name, value, expected) => {
    expect(response(value)).toEqual(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ['no status', { statusCode: 'many' }, /statusCode must be a whole number/],
    ['a status of interim answers', { statusCode: 101 }, /from 200 to 599, and is 101/],
    ['a body that is an object', { statusCode: 200, body: {} }, /body must be a string.*json\.dumps/],
    ['a body that is a list', { statusCode: 200, body: [] }, /is a list/],
    ['headers that are a list', { statusCode: 200, headers: ['a'] }, /headers must be an object/],
    ['a header split in two', { statusCode: 200, headers: { a: 'b\r\nSet-Cookie: c' } }, /control character/],
    ['a header name with a space', { statusCode: 200, headers: { 'a b': 'c' } }, /"a b" is no header name/],
    ['cookies that are no list', { statusCode: 200, cookies: 'a=b' }, /cookies must be a list/],
    ['a header that is an object', { statusCode: 200, headers: { a: {} } }, /header a must be a string/],
  ])('refuses %s', (_name, value, message) => {
    expect(() => response(value)).toThrow(message);
  });
});

describe('toProxyResponse', () => {
  it('takes a response', () => {
    expect(response({ statusCode: 404, multiValueHeaders: { 'Set-Cookie': ['a=b', 'c=d'] }, body: 'no' }, toProxyResponse)).toEqual({
      status: 404,
      headers: { 'Set-Cookie': ['a=b', 'c=d'], 'Content-Type': 'application/json' },
      body: 'no',
    });
  });

  it.each([[{ a: 1 }], [null], ['"text"'], ['<html>'], [[1]], [{ statusCode: null }]])('infers nothing from %j', (value) => {
    expect(() => response(value, toProxyResponse)).toThrow(/must return an object with a statusCode/);
  });
});

describe('a response with a prelude', () => {
  it.each([toInferredResponse, toProxyResponse])('may come in one piece: %o', (toResponse) => {
    const made = response(`{"statusCode":201,"cookies":["a=b"]}${'\0'.repeat(8)}body`, toResponse, INTEGRATION);
    expect(made).toEqual({ status: 201, headers: { 'Set-Cookie': ['a=b'], 'Content-Type': 'application/octet-stream' }, body: 'body' });
    expect(() => response('{"statusCode":201}', toResponse, INTEGRATION)).toThrow(/no end of its prelude/);
  });

  it('has a head that is an object, or none at all', () => {
    expect(toHead('text/x', undefined)).toEqual({ status: 200, headers: [['Content-Type', 'text/x']] });
    expect(() => toHead(INTEGRATION, '[]')).toThrow(/no object/);
    expect(() => toHead(INTEGRATION, '{broken')).toThrow(/no object/);
    expect(() => toHead(INTEGRATION, '{"statusCode":"many"}')).toThrow(/statusCode/);
  });
});
