import { describe, expect, it } from 'vitest';
import { type Cors, corsHeaders, isPreflight, preflightHeaders } from './cors.ts';

const shop = 'https://shop.example';
const asked = { origin: shop, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a,content-type' };

it('knows a preflight from other requests', () => {
  expect(isPreflight('OPTIONS', asked)).toBe(true);
  expect(isPreflight('OPTIONS', { origin: shop })).toBe(false);
  expect(isPreflight('OPTIONS', { 'access-control-request-method': 'PUT' })).toBe(false);
  expect(isPreflight('GET', asked)).toBe(false);
});

describe('preflightHeaders', () => {
  it.each<[string, Cors, Record<string, string>]>([
    [
      'everything',
      { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], maxAge: 300 },
      {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': 'PUT',
        'Access-Control-Allow-Headers': 'x-a,content-type',
        'Access-Control-Max-Age': '300',
        Vary: 'Origin',
      },
    ],
    [
      'what is listed',
      { allowOrigins: ['http://localhost:60905', shop], allowMethods: ['GET', 'PUT'], allowHeaders: ['x-a'] },
      {
        'Access-Control-Allow-Origin': shop,
        'Access-Control-Allow-Methods': 'GET,PUT',
        'Access-Control-Allow-Headers': 'x-a',
        Vary: 'Origin',
      },
    ],
    [
      'any origin, with credentials',
      { allowOrigins: ['*'], allowCredentials: true },
      { 'Access-Control-Allow-Origin': shop, 'Access-Control-Allow-Credentials': 'true', Vary: 'Origin' },
    ],
    ['another origin', { allowOrigins: ['https://shop.example.org'], allowMethods: ['*'] }, { Vary: 'Origin' }],
    ['no origin', {}, { Vary: 'Origin' }],
  ])('%s', (_name, cors, expected) => {
    expect(Object.fromEntries(preflightHeaders(cors, asked))).toEqual(expected);
  });
});

describe('corsHeaders', () => {
  it('tells what may be read', () => {
    expect(corsHeaders({ allowOrigins: [shop], exposeHeaders: ['Date', 'X-B'] }, { origin: shop })).toEqual([
      ['Access-Control-Allow-Origin', shop],
      ['Vary', 'Origin'],
      ['Access-Control-Expose-Headers', 'Date,X-B'],
    ]);
  });

  it('tells whoever is no browser, or not allowed, nothing', () => {
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://evil.example' }])
      expect(corsHeaders({ allowOrigins: [shop], allowCredentials: true }, headers)).toEqual([['Vary', 'Origin']]);
  });
});
