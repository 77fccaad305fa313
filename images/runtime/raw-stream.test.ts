import type { ServerResponse } from 'node:http';
import { PassThrough, Writable } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { eventMessages } from '../../test/support/event-stream.ts';
import { Gathered, passChunks } from './raw-stream.ts';

it('a slow reader holds the source back, and one that has left costs it nothing', async () => {
  const source = new PassThrough();
  const got: Buffer[] = [];
  let taken: () => void = () => undefined;
  const res = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      got.push(chunk);
      taken = done;
    },
  });
  passChunks(source, res as unknown as ServerResponse);
  source.write('one');
  await vi.waitFor(() => expect(source.isPaused()).toBe(true));
  source.write('two');
  expect(got).toHaveLength(1);
  taken();
  await vi.waitFor(() => expect(got).toHaveLength(2));
  expect(eventMessages(Buffer.concat(got)).messages.map(({ payload }) => payload.toString())).toEqual(['one', 'two']);
  await vi.waitFor(() => expect(source.isPaused()).toBe(true));
  res.destroy();
  const ended = vi.fn<() => void>();
  source.on('end', ended);
  source.end('three');
  await vi.waitFor(() => expect(ended).toHaveBeenCalled());
  expect(got).toHaveLength(2);
});

it('gathers as much as may be, and counts the rest', async () => {
  for (const [limit, expected] of [
    [6, 'onetwo'],
    [5, undefined],
  ] as const) {
    const source = new PassThrough();
    const gathered = new Gathered(source, limit);
    source.write('one');
    source.end('two');
    await vi.waitFor(() => expect(gathered.size).toBe(6));
    expect(gathered.bytes?.toString()).toBe(expected);
  }
});
