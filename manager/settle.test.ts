import { expect, it } from 'vitest';
import { settleMillis } from './settle.ts';

const AT = Date.parse('2026-11-25T02:00:00Z');
const fn = (...times: (string | undefined)[]) => ({ metadata: { name: 'f', managedFields: times.map((time) => ({ time })) } }) as never;

it.each([
  ['nothing known', fn(), AT, 0],
  ['written in this second', fn('2026-11-25T02:00:00Z'), AT + 500, 100],
  ['written in the last', fn('2026-11-25T01:00:00Z', '2026-11-25T02:00:00Z', undefined), AT + 1900, 100],
  ['written long ago', fn('2026-11-25T02:00:00Z'), AT + 2000, 0],
  // Clocks that do not agree cost a moment, no more.
  ['written in the future', fn('2026-11-25T02:00:09Z'), AT, 100],
])('%s', (_what, object, now, millis) => expect(settleMillis(object, now)).toBe(millis));
