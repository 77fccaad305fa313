import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signed } from '../../common/lambda-api/testing/signed.ts';
import { eventMessages } from '../../test/support/event-stream.ts';
import { ALL, LambdaRig } from './testing/lambda-rig.ts';

const TARGET = '/2021-11-15/functions/f/response-streaming-invocations';

describe('InvokeWithResponseStream of a handler that streams', () => {
  const rig = new LambdaRig(1500, 3);
  beforeAll(async () => {
    await rig.listen();
    await rig.start('f', 4);
  }, 30_000);
  afterAll(() => rig.close());

  interface Seen {
    type: string | undefined;
    text: string;
    /** Since the call. */
    millis: number;
  }

  /** The messages of an answer, each with its time. */
  function stream(event: unknown, headers: Record<string, string> = {}): Promise<{ seen: Seen[]; id: string }> {
    const body = JSON.stringify(event);
    const all = signed(ALL, { target: TARGET, headers: { host: rig.host, ...headers }, body });
    return new Promise((resolve, reject) => {
      const begun = performance.now();
      const req = request({ host: '127.0.0.1', port: rig.port, method: 'POST', path: TARGET, headers: all, agent: false }, (res) => {
        let rest: Buffer = Buffer.alloc(0);
        const seen: Seen[] = [];
        res.on('data', (chunk: Buffer) => {
          const read = eventMessages(Buffer.concat([rest, chunk]));
          rest = read.rest;
          for (const { headers: fields, payload } of read.messages)
            seen.push({ type: fields[':event-type'], text: payload.toString(), millis: performance.now() - begun });
        });
        res.on('end', () => resolve({ seen, id: String(res.headers['x-amzn-requestid']) }));
        res.on('error', reject);
      });
      req.on('error', reject);
      req.end(body);
    });
  }

  const told = (seen: Seen[]): [string | undefined, string][] => seen.map(({ type, text }) => [type, text]);

  it('passes each piece on as it comes, and the whole log at the end', async () => {
    const { seen, id } = await stream({ do: 'stream', pieces: ['one', 'two'], ms: 400 }, { 'x-amz-log-type': 'Tail' });
    expect(told(seen).slice(0, -1)).toEqual([
      ['PayloadChunk', 'one'],
      ['PayloadChunk', 'two'],
    ]);
    const [first, second, last] = seen as [Seen, Seen, Seen];
    expect(second.millis - first.millis).toBeGreaterThan(200);
    const { LogResult } = JSON.parse(last.text) as { LogResult: string };
    const lines = Buffer.from(LogResult, 'base64').toString().replaceAll(id, 'ID').split('\n');
    expect(lines.slice(0, 3)).toEqual(['START RequestId: ID Version: $LATEST', 'streams', 'END RequestId: ID']);
    expect(lines[3]).toMatch(/^REPORT RequestId: ID\t/);
  });

  it('says at the end that it failed in the middle', async () => {
    const { seen } = await stream({ do: 'stream', pieces: ['half'], fails: true });
    expect(told(seen)).toEqual([
      ['PayloadChunk', 'half'],
      ['InvokeComplete', JSON.stringify({ ErrorCode: 'Late', ErrorDetails: '{"errorType":"Late","errorMessage":"broke off"}' })],
    ]);
  });

  it('is whole, however large, and nothing is left of it', async () => {
    const { seen } = await stream({ do: 'big-stream', count: 200 });
    expect(seen.reduce((sum, { type, text }) => sum + (type === 'PayloadChunk' ? text.length : 0), 0)).toBe(200 * 65_536);
    expect(told(seen).at(-1)).toEqual(['InvokeComplete', '{}']);
    expect([rig.plane.open, rig.plane.table.get('ns/f')?.demand.now]).toEqual([0, 0]);
  });
});
