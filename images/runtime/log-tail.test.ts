import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogTail } from './log-tail.ts';

function tailOf(lines: string[]): Buffer {
  const tail = new LogTail();
  for (const line of lines) tail.line(line);
  return Buffer.from(tail.base64, 'base64');
}

it('is the last 4096 bytes, whatever the lines', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 600 }), { maxLength: 60 }), (lines) => {
      const all = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      expect(tailOf(lines)).toEqual(all.subarray(Math.max(0, all.length - 4096)));
    }),
  );
  expect(tailOf(new Array<string>(10_000).fill('')).toString()).toBe('\n'.repeat(4096));
});
