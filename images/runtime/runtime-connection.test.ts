import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Invocation, Outcome } from './invocation.ts';
import { RuntimeApi } from './runtime-api.ts';
import { readUsual } from './runtime-connection.ts';

const NEXT = 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUser-Agent: aws-lambda-python/3.11\r\n\r\n';
const post = (what: string, body: string, headers = '') =>
  `POST /2018-06-01/runtime/invocation/${what} HTTP/1.1\r\nHost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

describe('readUsual', () => {
  it('reads what AWS’s clients send', () => {
    expect(readUsual(NEXT)).toEqual({ kind: 'next', end: NEXT.length });
    expect(readUsual(post('a-1/response', '{"a":1}', 'Content-Type: application/json\r\nConnection: keep-alive\r\n'))).toMatchObject({
      kind: 'response',
      id: 'a-1',
      length: 7,
      contentType: 'application/json',
    });
    expect(readUsual(post('a-1/response', ''))).toMatchObject({ length: 0, contentType: 'application/json' });
  });

  it.each([
    ['a head that is not whole', NEXT.slice(0, -2)],
    ['an error', post('a-1/error', '{}')],
    ['chunks', post('a-1/response', '', 'Transfer-Encoding: chunked\r\n')],
    ['a streamed response', post('a-1/response', '', 'Lambda-Runtime-Function-Response-Mode: streaming\r\n')],
    ['an expectation', post('a-1/response', '{}', 'expect: 100-continue\r\n')],
    ['a connection that ends', post('a-1/response', '{}', 'connection: close\r\n')],
    ['two lengths', post('a-1/response', '{}', 'Content-Length: 3\r\n')],
    ['no length', 'POST /2018-06-01/runtime/invocation/a/response HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a folded line', post('a-1/response', '{}', 'X: 1\r\n 2\r\n')],
    ['an encoded id', post('a%2d1/response', '{}')],
    ['an event with a body', NEXT.replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\n{}')],
    ['HTTP/1.0', NEXT.replace('1.1', '1.0')],
    ['another path', NEXT.replace('next', 'nextt')],
  ])('leaves %s to node:http', (_, text) => {
    expect(readUsual(text)).toBeUndefined();
  });
});

describe('a connection of a runtime', () => {
  const next = vi.fn<() => void>();
  const answers: Outcome[] = [];
  let api: RuntimeApi;
  let socket: Socket;
  let heard = '';
  beforeEach(async () => {
    next.mockReset();
    answers.length = 0;
    heard = '';
    api = new RuntimeApi('arn:f', {
      next,
      stream: (source) => source.resume(),
      answer: (outcome) => answers.push(outcome),
      initError: vi.fn(),
      extension: vi.fn(),
    });
    const address = await new Promise<string>((resolve, reject) => api.listen(0, resolve, reject));
    socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
  });
  afterEach(() => {
    socket.destroy();
    api.close();
  });

  const invocation = (id: string, parts: Partial<Invocation> = {}): Invocation => ({
    id,
    event: '{"é":1}',
    deadline: 7,
    traceId: 'Root=1',
    started: 0,
    initMillis: undefined,
    stream: vi.fn(),
    finish: vi.fn(),
    ...parts,
  });
  const asked = (times: number) => vi.waitFor(() => expect(next).toHaveBeenCalledTimes(times), { interval: 5 });
  const hears = (text: string) => vi.waitFor(() => expect(heard).toContain(text), { interval: 5 });
  const bodies = () => answers.map((outcome) => (outcome.kind === 'result' ? outcome.body.toString() : outcome.kind));

  it('hands events over, with all that AWS says of them', async () => {
    socket.write(NEXT);
    await asked(1);
    expect(api.deliver(invocation('a-1', { clientContext: '{\n"é":2}', cognitoIdentity: '{}' }))).toBe(true);
    await hears('{"é":1}');
    expect(heard.split('\r\n')).toEqual([
      'HTTP/1.1 200 OK',
      'Content-Type: application/json',
      'Content-Length: 8',
      'Lambda-Runtime-Aws-Request-Id: a-1',
      'Lambda-Runtime-Deadline-Ms: 7',
      'Lambda-Runtime-Invoked-Function-Arn: arn:f',
      'Lambda-Runtime-Trace-Id: Root=1',
      'Lambda-Runtime-Client-Context: { "é":2}',
      'Lambda-Runtime-Cognito-Identity: {}',
      '',
      '{"é":1}',
    ]);
    heard = '';
    socket.write(post('a-1/response', 'done', 'Content-Type: text/plain\r\n'));
    await hears('{"status":"OK"}');
    expect(answers).toEqual([{ kind: 'result', body: Buffer.from('done'), contentType: 'text/plain' }]);
    socket.write(NEXT);
    await asked(2);
    heard = '';
    expect(api.deliver(invocation('a-2', { event: Buffer.from('[]') }))).toBe(true);
    await hears('\r\n\r\n[]');
  });

  it('goes on by node:http with what is unusual, on the same connection', async () => {
    for (const [i, what] of ['response', 'error', 'response'].entries()) {
      socket.write(NEXT);
      await asked(i + 1);
      expect(api.deliver(invocation(`a-${i}`))).toBe(true);
      await hears(`a-${i}`);
      heard = '';
      socket.write(post(`a-${i}/${what}`, `{"errorMessage":"${i}"}`));
      await hears('{"status":"OK"}');
      heard = '';
    }
    expect(answers.map(({ kind }) => kind)).toEqual(['result', 'error', 'result']);
  });

  it('refuses in AWS’s words what does not fit', async () => {
    socket.write(NEXT);
    await asked(1);
    api.deliver(invocation('a-1'));
    await hears('a-1');
    socket.write(post('other/response', '1'));
    await hears('InvalidRequestID');
    heard = '';
    socket.write(post('a-1/response', '1'));
    await hears('{"status":"OK"}');
    heard = '';
    socket.write(post('a-1/response', '2'));
    await hears('InvalidStateTransition');
    expect(bodies()).toEqual(['1']);
  });

  it('a response that breaks off is a failure', async () => {
    socket.write(NEXT);
    await asked(1);
    api.deliver(invocation('a-1'));
    await hears('a-1');
    socket.write(post('a-1/response', 'x'.repeat(100)).slice(0, -50));
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await vi.waitFor(() => expect(answers).toMatchObject([{ kind: 'error', errorType: 'Runtime.TruncatedResponse' }]));
  });

  it('a runtime that has gone is given nothing', async () => {
    socket.write(NEXT);
    await asked(1);
    socket.destroy();
    await vi.waitFor(() => expect(api.deliver(invocation('a-1'))).toBe(false));
  });

  it('however the bytes are cut, the same comes of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 2000 }), fc.array(fc.nat(2400), { maxLength: 4 }), async (body, cuts) => {
        next.mockClear();
        answers.length = 0;
        heard = '';
        socket.write(NEXT);
        await asked(1);
        api.deliver(invocation('a-1'));
        await hears('Root=1');
        // The next call comes with the response, as no client does it; it must wait its turn.
        const bytes = Buffer.from(post('a-1/response', body) + NEXT);
        let from = 0;
        for (const to of [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b)) {
          socket.write(bytes.subarray(from, to));
          from = to;
          await new Promise((resolve) => setImmediate(resolve));
        }
        await asked(2);
        expect(bodies()).toEqual([body]);
        api.deliver(invocation('a-2'));
        await hears('a-2');
        socket.write(post('a-2/response', '0'));
        await vi.waitFor(() => expect(bodies()).toEqual([body, '0']));
      }),
      { numRuns: 30 },
    );
  });
});
