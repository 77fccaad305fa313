import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from './import-error.ts';
import { parse } from './parse.ts';
import { get, type Tree, textOf } from './tree.ts';

/** A tree as plain values, calls as `Name(argument)`, for short expectations. */
function plain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value;
    case 'list':
      return tree.items.map(plain);
    case 'mapping':
      return Object.fromEntries([...tree.entries].map(([key, value]) => [key, plain(value)]));
    case 'call':
      return `${tree.name}(${JSON.stringify(plain(tree.argument))})`;
    default:
      return tree.kind;
  }
}

describe('parse', () => {
  it.each<[string, string, unknown]>([
    ['short forms', 'a: !Ref X\nb: !Sub ["${y}", {y: !GetAtt Z.Arn}]', { a: 'Ref("X")', b: 'Sub(["${y}",{"y":"GetAtt(\\"Z.Arn\\")"}])' }],
    ['long forms', '{"a": {"Ref": "X"}, "b": {"Fn::Join": ["-", ["c"]]}}', { a: 'Ref("X")', b: 'Join(["-",["c"]])' }],
    ['a long form with a neighbour is a mapping', 'a: {Ref: X, b: 1}', { a: { Ref: 'X', b: 1 } }],
    ['an unknown tag is its value', 'a: !Mystery [1]', { a: [1] }],
    ['an alias', 'a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    ['merge keys, own ones win', 'a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}', { a: { b: 1, c: 2 }, d: { c: 3, b: 1 } }],
    ['a list of merge keys', 'a: &x {b: 1}\nc: &y {d: 2}\ne: {<<: [*x, *y]}', { a: { b: 1 }, c: { d: 2 }, e: { b: 1, d: 2 } }],
    [
      'keys of a prototype',
      '__proto__: 1\nconstructor: 2',
      Object.fromEntries([
        ['__proto__', 1],
        ['constructor', 2],
      ]),
    ],
  ])('%s', (_what, text, wanted) => expect(plain(parse(text))).toEqual(wanted));

  it('keeps the line of each key, and a number as it is written', () => {
    const tree = parse('a:\n  b: 012345678901\n  c:\n    - 1.10\n');
    expect(get(tree, 'a', 'b')).toMatchObject({ line: 2, text: '012345678901' });
    expect(get(tree, 'a', 'c')).toMatchObject({ line: 3, items: [{ text: '1.10', line: 4 }] });
  });

  const billionLaughs = ['a0: &a0 [x, x]', ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)].join('\n');
  it.each<[string, string, RegExp]>([
    ['nothing', '', /the file is empty/],
    ['a comment', '# nothing\n', /the file is empty/],
    ['no YAML', 'a: [1', /the file is not YAML: /],
    ['a tab', 'a:\n\tb: 1', /the file is not YAML: /],
    ['two documents', 'a: 1\n---\nb: 1', /several YAML documents/],
    ['a key twice', 'a: 1\na: 2', /the key "a" is there twice/],
    ['a key that is a list', '? [a]\n: 1', /a key must be a plain text/],
    ['a billion laughs', billionLaughs, /more than 200000 values once its aliases/],
    ['an alias of itself', 'a: &a [*a]', /the alias \*a stands before, or within/],
    ['an alias of nothing', 'a: *b', /Unresolved alias|the alias \*b/],
    ['101 levels', '['.repeat(102) + ']'.repeat(102), /nested deeper than 100 levels/],
    ['20000 levels', '['.repeat(20_000) + ']'.repeat(20_000), /nested too deeply/],
    ['more than a megabyte', `a: ${'x'.repeat(1_048_576)}`, /larger than 1 MiB/],
  ])('%s is refused in a sentence', { timeout: 60_000 }, (_what, text, says) => {
    let thrown: unknown;
    try {
      parse(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ImportError);
    expect((thrown as ImportError).message).toMatch(says);
    expect((thrown as ImportError).message).not.toContain('\n');
  });

  it('60,000 keys take seconds at most', () => {
    const text = Array.from({ length: 60_000 }, (_, n) => `k${n}: v`).join('\n');
    const began = performance.now();
    expect(textOf(get(parse(text), 'k59999'))).toBe('v');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('throws ImportError and nothing else, whatever the text', () => {
    const pieces = fc.constantFrom(
      'a: ',
      '- ',
      '&x ',
      '*x',
      '!Ref ',
      '!Sub ',
      '[',
      ']',
      '{',
      '}',
      '\n',
      '  ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '? ',
      ': ',
      ',',
      '<<: ',
      '%',
      '---\n',
      'b',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 40 }), (parts) => {
        try {
          parse(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
