import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventMessages, type Message } from '../test/support/event-stream.ts';
import { eventStream } from './event-stream.ts';

function messages(bytes: Buffer): Message[] {
  const read = eventMessages(bytes);
  expect(read.rest).toHaveLength(0);
  return read.messages;
}

describe('an event stream', () => {
  it('has the payload in chunks and then its end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200_000, size: 'max' }), fc.option(fc.string(), { nil: undefined }), (bytes, log) => {
        const all = messages(eventStream(Buffer.from(bytes), undefined, log));
        const chunks = all.slice(0, -1);
        expect(Buffer.concat(chunks.map(({ payload }) => payload))).toEqual(Buffer.from(bytes));
        for (const { headers } of chunks)
          expect(headers).toEqual({ ':message-type': 'event', ':event-type': 'PayloadChunk', ':content-type': 'application/octet-stream' });
        const last = all.at(-1) as Message;
        expect(last.headers).toEqual({ ':message-type': 'event', ':event-type': 'InvokeComplete', ':content-type': 'application/json' });
        expect(JSON.parse(last.payload.toString())).toEqual(log === undefined ? {} : { LogResult: log });
      }),
      { numRuns: 30 },
    );
  });

  it('tells a failure by its type', () => {
    const end = (failure: string): unknown =>
      JSON.parse((messages(eventStream(Buffer.alloc(0), Buffer.from(failure), undefined))[0] as Message).payload.toString());
    expect(end('{"errorType":"A","errorMessage":"b"}')).toEqual({ ErrorCode: 'A', ErrorDetails: '{"errorType":"A","errorMessage":"b"}' });
    expect(end('what')).toEqual({ ErrorCode: 'Unhandled', ErrorDetails: 'what' });
  });
});
