import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from './lines.ts';

function split(...chunks: Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.flush();
  return lines;
}

describe('LineSplitter', () => {
  it('is the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 7 }), (texts, size) => {
        const bytes = Buffer.from(texts.join('\n'));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        expect(split(...chunks)).toEqual(split(bytes));
      }),
    );
  });

  it('makes lines of the parts of a traceback that carriage returns hold together', () => {
    expect(split(Buffer.from('[ERROR] KeyError: a\rTraceback:\r\u00a0\u00a0File "x"\nnext'))).toEqual([
      '[ERROR] KeyError: a',
      'Traceback:',
      '\u00a0\u00a0File "x"',
      'next',
    ]);
  });

  it('takes both ends of line, keeps empty lines and what has no end', () => {
    expect(split(Buffer.from('a\r\n\nb'))).toEqual(['a', '', 'b']);
  });

  it('cuts a long line, never inside a character', () => {
    const lines = split(Buffer.from('€'.repeat(20_000)));
    expect(lines.join('')).toBe('€'.repeat(20_000));
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_LINE_BYTES);
  });
});
