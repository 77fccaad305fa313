import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { INVOKE_FIELD } from '../../common/api/names.ts';
import { repoDir } from '../cluster/paths.ts';
import { eventMessages } from '../support/event-stream.ts';
import type { Running } from './running.ts';

/** AWS's most for a result and for an event; the client is told of one byte more. */
const MAX_RESULT = 6 * 1024 * 1024 + 100;
const MAX_EVENT = 6 * 1024 * 1024;

/** A documented event, from examples/lambda/events. */
const event = (name: string): string => readFileSync(join(repoDir, 'examples/lambda/events', `${name}.json`), 'utf8');

/** What a handler is asked to show. Each works in every language that has such a handler. */
export const SUBJECTS = {
  async greet(f: Running): Promise<void> {
    expect((await f.invoke({ name: 'Ada' })).result).toEqual({ message: 'Hello Ada!' });
    expect((await f.invoke({ name: 'Zoë 🦀' })).result).toEqual({ message: 'Hello Zoë 🦀!' });
  },

  /** The context, the environment, what stays in memory, and /tmp: twice, a cold and a warm time. */
  async context(f: Running, language: string): Promise<void> {
    // The machine's own, which outlives the process.
    rmSync(`/tmp/lull-example-${language}`, { force: true });
    const first = await f.invokeWithContext({}, { custom: { tenant: 'blue' } });
    expect(first.error).toBeUndefined();
    expect(first.result).toMatchObject({
      requestId: first.requestId,
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      function: 'f',
      version: '$LATEST',
      memoryMb: 256,
      logGroup: '/aws/lambda/f',
      logStream: 'pod-1',
      custom: { tenant: 'blue' },
      region: 'us-east-1',
      handler: f.handler,
      taskRoot: f.root,
      traceId: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/),
      greeting: 'servus',
      invocations: 1,
      kept: '',
    });
    const { remainingMillis } = first.result as { remainingMillis: number };
    expect(remainingMillis).toBeGreaterThan(3000);
    expect(remainingMillis).toBeLessThanOrEqual(5000);
    const second = await f.invoke({});
    expect(second.result).toMatchObject({ invocations: 2, kept: first.requestId, requestId: second.requestId });
  },

  async orders(f: Running): Promise<void> {
    const { result, error } = await f.invoke(event('sqs'));
    expect([result, error]).toEqual([{ batchItemFailures: [{ itemIdentifier: '2e1424d4-f796-459a-8184-9c92662be6da' }] }, undefined]);
  },

  async uploads(f: Running): Promise<void> {
    expect((await f.invoke(event('s3'))).result).toEqual(['ObjectCreated:Put amzn-s3-demo-bucket/red roses ü.jpg']);
  },

  /** The documented event by Invoke, and a request that the bridge makes one of. */
  async http(f: Running): Promise<void> {
    expect((await f.invoke(event('http-api'))).result).toMatchObject({
      statusCode: 201,
      headers: { 'x-method': 'POST', 'x-path': '/my/path', 'x-query': 'a b' },
      body: 'AAH//kxhbWJkYQ==',
      isBase64Encoded: true,
    });
    const bytes = Buffer.from([0, 1, 255, 254, 10, 13, 128]);
    const answer = await f.http({
      method: 'PUT',
      path: '/a/b?q=1%202',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    expect([answer.status, answer.raw.equals(bytes)]).toEqual([201, true]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-method': 'PUT',
      'x-path': '/a/b',
      'x-query': '1 2',
      'set-cookie': ['made=here'],
    });
  },

  /** 6 MB each way, and one byte more. */
  async payload(f: Running): Promise<void> {
    const most = await f.invoke({ bytes: MAX_RESULT });
    expect([most.answer.body.length, most.error]).toEqual([MAX_RESULT, undefined]);
    const more = await f.invoke({ bytes: MAX_RESULT + 1 });
    expect([more.error, more.result]).toEqual([
      'Unhandled',
      {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size (${MAX_RESULT + 1} bytes) exceeded maximum allowed payload size (${MAX_RESULT} bytes).`,
      },
    ]);
    const text = 'x'.repeat(MAX_EVENT - '{"text":""}'.length);
    expect((await f.invoke({ text })).result).toBe(text.length);
    const refused = await f.invoke({ text: `${text}x` });
    expect([refused.answer.status, refused.answer.headers['x-lull-error']]).toEqual([413, 'RequestTooLarge']);
    expect((await f.invoke({ bytes: 10 })).result).toBe('xxxxxxxx');
  },

  /** The first part is there while the last is not written yet. */
  async stream(f: Running): Promise<void> {
    const answer = await f.http({ path: '/' });
    expect([answer.status, answer.body]).toEqual([200, 'part 0\npart 1\npart 2\n']);
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.millis - answer.firstByteMillis).toBeGreaterThan(150);
    // By InvokeWithResponseStream: parts on their own, and the end.
    const streamed = await f.invoke({ rawPath: '/' }, { [INVOKE_FIELD]: 'ResponseStream' });
    const { messages } = eventMessages(streamed.answer.raw);
    const kinds = messages.map(({ headers }) => headers[':event-type']);
    expect([kinds.at(-1), kinds.slice(0, -1).every((kind) => kind === 'PayloadChunk'), kinds.length]).toEqual([
      'InvokeComplete',
      true,
      expect.any(Number),
    ]);
    expect(kinds.length).toBeGreaterThan(3);
    expect(Buffer.concat(messages.slice(0, -1).map(({ payload }) => payload)).toString()).toMatch(/part 0\npart 1\npart 2\n$/);
  },

  /** The same with a status, headers and cookies of its own. */
  async httpStream(f: Running): Promise<void> {
    await SUBJECTS.stream(f);
    const { headers } = await f.http({ path: '/' });
    expect(headers).toMatchObject({ 'content-type': 'text/plain', 'set-cookie': ['seen=yes'] });
  },
};

/** An event that makes the handler fail, and what Invoke's caller is told; afterwards it works again. */
export function fails(failing: unknown, told: object, working: unknown, well: unknown): (f: Running) => Promise<void> {
  return async (f) => {
    const failed = await f.invoke(failing);
    expect([failed.answer.status, failed.error]).toEqual([200, 'Unhandled']);
    expect(failed.result).toMatchObject(told);
    expect((await f.invoke(working)).result).toEqual(well);
  };
}
