import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnsLabel } from '../../common/api/dns-label.ts';
import { Names } from './name.ts';

describe('Names', () => {
  it.each([
    ['HelloWorldFunction', 'hello-world-function'],
    ['get_order', 'get-order'],
    ['listHTTPOrders2', 'list-http-orders2'],
    ['2nd', 'fn-2nd'],
    ['---', 'function'],
    ['Größe', 'gr-e'],
    ['a'.repeat(50), 'a'.repeat(50)],
    ['a'.repeat(60), `${'a'.repeat(41)}-11ee3912`],
    [`${'a'.repeat(49)}-b`, `${'a'.repeat(41)}-3fe59ec9`],
  ])('%s is called %s', (id, name) => expect(dnsLabel(id)).toBe(name));

  it('numbers names that would be the same', () => {
    const names = new Names();
    const long = 'a'.repeat(60);
    expect(['getOrder', 'GetOrder', 'get-order', long, long].map((id) => names.take(id))).toEqual([
      'get-order',
      'get-order-2',
      'get-order-3',
      `${'a'.repeat(41)}-11ee3912`,
      `${'a'.repeat(41)}-11ee39-2`,
    ]);
  });

  it('gives DNS labels of at most 50 characters, no two the same, whatever is asked for', () => {
    const id = fc.oneof(fc.string(), fc.constantFrom('a', 'A', 'a-2', 'x'.repeat(70)), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(id, { maxLength: 20 }), (ids) => {
        const names = new Names();
        const taken = ids.map((one) => names.take(one));
        for (const name of taken) expect(name).toMatch(/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/);
        expect(new Set(taken).size).toBe(taken.length);
      }),
    );
  });
});
