import { describe, expect, it } from 'vitest';
import { BodyBytes } from './body-bytes.ts';

describe('a body of known length', () => {
  it.each([0, 1, 65_536, 262_144, 262_145, 3_000_001])('of %i bytes is what came, and no more is taken', (length) => {
    const sent = Buffer.from(Array.from({ length: length + 10 }, (_, i) => i % 251));
    const body = new BodyBytes(length);
    let at = 0;
    while (!body.isWhole) {
      // As read: the same memory each time.
      const chunk = Buffer.from(sent.subarray(at, at + 65_536));
      at += body.append(chunk);
      chunk.fill(0xee);
    }
    expect(at).toBe(length);
    expect(body.bytes.equals(sent.subarray(0, length))).toBe(true);
  });

  it('is as far as it has come when it breaks off', () => {
    const body = new BodyBytes(6 << 20);
    body.append(Buffer.from('begun'));
    expect([body.isWhole, String(body.bytes)]).toEqual([false, 'begun']);
  });
});
