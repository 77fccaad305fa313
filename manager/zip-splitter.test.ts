import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZipSplitter } from './zip-splitter.ts';

const PATH = ['Code', 'ZipFile'];

function split(body: string | Buffer, size = 7, path = PATH): { zip: Buffer | undefined; rest: unknown } {
  const splitter = new ZipSplitter(path);
  const all = Buffer.from(body);
  const pieces: Buffer[] = [];
  for (let at = 0; at < all.length; at += size) pieces.push(...splitter.push(all.subarray(at, at + size)));
  const rest = splitter.end();
  return { zip: splitter.hasZip ? Buffer.concat(pieces) : undefined, rest };
}

describe('ZipSplitter', () => {
  it('takes the zip file out, wherever the body is cut, and leaves the rest as it is', () => {
    const other = fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
    fc.assert(
      fc.property(
        other,
        other,
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (outer, inner, bytes, size, after) => {
          for (const one of [outer, inner]) for (const key of ['Code', 'ZipFile', '__proto__']) delete one[key];
          const ZipFile = Buffer.from(bytes).toString('base64');
          const body = after ? { ...outer, Code: { ...inner, ZipFile } } : { Code: { ZipFile, ...inner }, ...outer };
          const got = split(JSON.stringify(body), size);
          expect(got.zip?.equals(Buffer.from(bytes))).toBe(true);
          expect(got.rest).toEqual(JSON.parse(JSON.stringify({ ...outer, Code: { ...inner, ZipFile: '' } })));
        },
      ),
    );
  });

  it.each([
    ['a slash that is escaped', String.raw`{"Code":{"ZipFile":"Pz8\/"}}`, '???'],
    ['a sign that is escaped', String.raw`{"Code":{"ZipFile":"aGk\u003d"}}`, 'hi'],
    ['no padding', '{"Code":{"ZipFile":"aGk"}}', 'hi'],
    ['an escaped key', String.raw`{"\u0043ode":{"ZipFile":"aGk="}}`, 'hi'],
    ['spaces', '\n { "Code" : { "ZipFile" : "aGk=" } } ', 'hi'],
    ['nothing', '{"Code":{"ZipFile":""}}', ''],
  ])('%s is read', (_what, body, zip) => {
    for (const size of [1, 3, 1000]) expect(split(body, size).zip?.toString()).toBe(zip);
  });

  it.each([
    ['elsewhere', '{"Environment":{"Variables":{"ZipFile":"aGk="}},"ZipFile":"x"}'],
    ['in a list', '{"Code":[{"ZipFile":"aGk="}]}'],
    ['as a key', '{"Code":{"x":"ZipFile","y":["Code","ZipFile"]}}'],
    ['a number', '{"Code":{"ZipFile":7}}'],
  ])('%s it is no zip file', (_what, body) => {
    expect(split(body)).toEqual({ zip: undefined, rest: JSON.parse(body) });
  });

  it.each([
    ['no JSON', '{"Code":{"ZipFile":"aGk="}', /parse/],
    ['text', 'hello', /parse/],
    ['two zip files', '{"Code":{"ZipFile":"aGk=","ZipFile":"aGk="}}', /parse/],
    ['no base64', '{"Code":{"ZipFile":"a*=="}}', /not base64/],
    ['base64 after its end', '{"Code":{"ZipFile":"aGk=aGk="}}', /not base64/],
    ['half a byte', '{"Code":{"ZipFile":"aGk=a"}}', /not base64/],
    ['an escape that is none', String.raw`{"Code":{"ZipFile":"aG\q="}}`, /parse/],
    ['too deep', `{"a":${'['.repeat(40)}`, /parse/],
    ['a rest that is too large', JSON.stringify({ a: 'x'.repeat(1 << 20) }), /smaller than 1048576 bytes/],
  ])('%s is refused', (_what, body, message) => {
    for (const size of [1, 5, 100_000]) expect(() => split(body, size)).toThrow(message);
  });

  it('keeps nothing of the zip file', () => {
    const splitter = new ZipSplitter(['ZipFile']);
    const text = Buffer.from(randomBytes(3 << 20).toString('base64'));
    splitter.push(Buffer.from('{"ZipFile":"'));
    let bytes = 0;
    for (let at = 0; at < text.length; at += 65_536)
      for (const piece of splitter.push(text.subarray(at, at + 65_536))) bytes += piece.length;
    splitter.push(Buffer.from('"}'));
    expect([bytes, splitter.end()]).toEqual([3 << 20, { ZipFile: '' }]);
  });
});
