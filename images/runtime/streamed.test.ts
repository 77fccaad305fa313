import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StreamedAnswer, splitPrelude } from './streamed.ts';

describe('StreamedAnswer', () => {
  let server: Server | undefined;
  afterEach(() => server?.close().closeAllConnections());

  /** A client that asks, and the answer that its request is given. */
  async function exchange(source: PassThrough, hasPrelude: boolean, onAnswer: (answer: StreamedAnswer) => void) {
    const preludes: (string | undefined)[] = [];
    const invalid: string[] = [];
    let response: ServerResponse | undefined;
    server = createServer((_req, res) => {
      response = res;
      const head = (prelude: string | undefined): void => {
        preludes.push(prelude);
        if (prelude === 'wrong') throw new Error('a wrong prelude');
        res.writeHead(200);
      };
      onAnswer(new StreamedAnswer({ source, res, hasPrelude, head, invalid: (message) => invalid.push(message) }));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const req = request({ port: (server.address() as AddressInfo).port, agent: false }).on('error', () => undefined);
    req.end();
    return { req, preludes, invalid, response: () => response };
  }

  it('finds the prelude however the bytes are cut', async () => {
    const whole = Buffer.concat([Buffer.from('{"statusCode":201}'), Buffer.alloc(8), Buffer.from('é, and \0 too')]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (size) => {
        const source = new PassThrough();
        let ended: boolean | undefined;
        const { req, preludes } = await exchange(source, true, (answer) => {
          for (let i = 0; i < whole.length; i += size) source.write(whole.subarray(i, i + size));
          source.on('end', () => {
            ended = answer.end();
          });
          source.end();
        });
        const body = await new Promise<string>((resolve) =>
          req.on('response', (res) => {
            let text = '';
            res.setEncoding('utf8').on('data', (chunk: string) => {
              text += chunk;
            });
            res.on('end', () => resolve(text));
          }),
        );
        expect(preludes).toEqual(['{"statusCode":201}']);
        expect(body).toBe('é, and \0 too');
        expect(ended).toBe(true);
        server?.close();
      }),
      { numRuns: 12 },
    );
  });

  it.each<[string, Buffer, string[]]>([
    ['a prelude that is none', Buffer.concat([Buffer.from('wrong'), Buffer.alloc(8)]), ['a wrong prelude']],
    ['a prelude without an end', Buffer.alloc(65 * 1024, 'x'), ['the streamed response has no end of its prelude (eight NUL bytes)']],
  ])('passes nothing of %s on', async (_name, bytes, messages) => {
    const source = new PassThrough();
    const { invalid, response } = await exchange(source, true, () => source.end(bytes));
    await vi.waitFor(() => expect(invalid).toEqual(messages));
    expect(response()?.headersSent).toBe(false);
  });

  it('says of a prelude that never came that it did not', async () => {
    const source = new PassThrough();
    const ends: boolean[] = [];
    await exchange(source, true, (answer) => {
      source.on('end', () => ends.push(answer.end()));
      source.end('{"statusCode"');
    });
    await vi.waitFor(() => expect(ends).toEqual([false]));
  });

  it('holds the handler back while the client does not read, and lets it go on when that has left', async () => {
    const source = new PassThrough();
    const { req } = await exchange(source, false, () => undefined);
    const client = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      req.on('response', resolve);
      setTimeout(() => source.write('x'), 10);
    });
    client.pause();
    let accepted = 0;
    // Until the client's and the server's buffers, and the kernel's, are full.
    while (source.write(Buffer.alloc(1 << 20)) && accepted < 64) {
      accepted++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(source.isPaused()).toBe(true));
    client.destroy();
    await vi.waitFor(() => expect(source.readableLength + source.writableLength).toBe(0));
  });
});

it('splits at the first eight NULs only', () => {
  expect(splitPrelude(Buffer.from('{}\0\0\0\0\0\0\0'))).toBeUndefined();
  expect(splitPrelude(Buffer.from('{}\0\0\0\0\0\0\0\0\0a'))).toEqual({ prelude: '{}', rest: Buffer.from('\0a') });
});
