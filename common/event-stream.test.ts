import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventStream } from './event-stream.ts';

interface Message {
  headers: Record<string, string>;
  payload: Buffer;
}

/** Reads an event stream strictly, by its specification. */
function messages(bytes: Buffer): Message[] {
  const out: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const total = bytes.readUInt32BE(at);
    const headersLength = bytes.readUInt32BE(at + 4);
    expect(bytes.readUInt32BE(at + 8)).toBe(crc32(bytes.subarray(at, at + 8)));
    expect(bytes.readUInt32BE(at + total - 4)).toBe(crc32(bytes.subarray(at, at + total - 4)));
    const headers: Record<string, string> = {};
    const end = at + 12 + headersLength;
    for (let i = at + 12; i < end; ) {
      const valueAt = i + 1 + bytes.readUInt8(i);
      const name = bytes.toString('latin1', i + 1, valueAt);
      expect(bytes.readUInt8(valueAt)).toBe(7);
      i = valueAt + 3 + bytes.readUInt16BE(valueAt + 1);
      headers[name] = bytes.toString('latin1', valueAt + 3, i);
    }
    out.push({ headers, payload: bytes.subarray(end, at + total - 4) });
    at += total;
  }
  return out;
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
