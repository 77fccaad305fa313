import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogTails } from './log-tails.ts';

describe('the tail of a log', () => {
  const tail = (log: LogTails, id: string): string => Buffer.from(log.take(id), 'base64').toString();

  it('is kept for those who asked, of their own lines, and everything is logged', () => {
    const all: string[] = [];
    const tails = new LogTails((label, line) => all.push(`${label} ${line}`));
    tails.open('a');
    for (const label of ['a', 'b', 'a']) tails.log(label, `of ${label}`);
    expect([tail(tails, 'a'), tail(tails, 'a'), tail(tails, 'b')]).toEqual(['of a\nof a\n', '', '']);
    expect(all).toEqual(['a of a', 'b of b', 'a of a']);
  });

  it('is the last 4096 bytes, whatever the lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 600 }), { maxLength: 60 }), (lines) => {
        const tails = new LogTails(() => undefined);
        tails.open('a');
        for (const line of lines) tails.log('a', line);
        const all = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        expect(Buffer.from(tails.take('a'), 'base64')).toEqual(all.subarray(Math.max(0, all.length - 4096)));
      }),
    );
    const tails = new LogTails(() => undefined);
    tails.open('a');
    for (let i = 0; i < 10_000; i += 1) tails.log('a', '');
    expect(tail(tails, 'a')).toBe('\n'.repeat(4096));
  });
});
