import { describe, expect, it } from 'vitest';
import { effectiveSpec } from '../../common/api/defaults.ts';
import type { Scale } from '../../common/api/function-scale.ts';
import { staleMillis, windowsInForce } from './windows.ts';

const spec = (scale: Scale = {}) => effectiveSpec({ code: {}, scale });

describe('windowsInForce', () => {
  it.each([
    ['the defaults at 2 s', spec(), 2, { stable: 60, panic: 6 }],
    ['nobody has chosen: they grow with 15 s', spec(), 15, { stable: 60, panic: 45 }],
    ['and with a minute', spec(), 60, { stable: 180, panic: 180 }],
    ['chosen, and long enough', spec({ panicWindowSeconds: 10, stableWindowSeconds: 30 }), 5, { stable: 30, panic: 10 }],
    ['a short panic window at 1 s', spec({ panicWindowSeconds: 2 }), 1, { stable: 60, panic: 2 }],
  ])('%s', (_name, of, seconds, windows) => expect(windowsInForce(of, seconds)).toEqual(windows));

  it.each([
    [spec({ panicWindowSeconds: 6 }), 15, /panicWindowSeconds is 6 s, and Prometheus scrapes every 15 s.*30 s or more, 45/],
    [spec({ stableWindowSeconds: 20, panicWindowSeconds: 20 }), 15, /panicWindowSeconds is 20 s/],
    [spec({ stableWindowSeconds: 20 }), 15, /stableWindowSeconds is 20 s/],
  ])('refuses what cannot be resolved', (of, seconds, says) => {
    const windows = windowsInForce(of, seconds);
    expect('refused' in windows && windows.refused).toMatch(says);
  });

  it('a sample is stale after five scrapes, and never before 10 s', () => {
    expect(staleMillis(1)).toBe(10_000);
    expect(staleMillis(15)).toBe(75_000);
  });
});
