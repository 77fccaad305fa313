import { request } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callAt } from '../../test/support/http.ts';
import type { Failure } from './failure.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { MAX_RESPONSE_BYTES, RuntimeApi } from './runtime-api.ts';

const ID = '8efbd8b4-94f5-4b9c-a1a0-9d5a5a5a5a5a';
const runtime = '/2018-06-01/runtime';
const response = `${runtime}/invocation/${ID}/response`;
const error = `${runtime}/invocation/${ID}/error`;

function invocation(parts: Partial<Invocation> = {}): Invocation {
  return {
    id: ID,
    event: '{"é":1}',
    deadline: 1_795_000_000_123,
    traceId: 'Root=1-5-6',
    started: 0,
    initMillis: undefined,
    stream: () => undefined,
    finish: () => undefined,
    ...parts,
  };
}

describe('the Runtime API', () => {
  let api: RuntimeApi;
  let port: number;
  const answers: Outcome[] = [];
  const initErrors: Failure[] = [];
  let streams: { source: Readable; contentType: string }[] = [];
  const next = vi.fn<() => void>();

  beforeEach(async () => {
    answers.length = 0;
    initErrors.length = 0;
    streams = [];
    next.mockReset();
    api = new RuntimeApi('arn:aws:lambda:us-east-1:000000000000:function:f', {
      next,
      stream: (source, contentType) => {
        streams.push({ source, contentType });
        source.resume();
      },
      answer: (outcome) => answers.push(outcome),
      initError: (failure) => initErrors.push(failure),
      extension: (path, _req, res) => res.end(`of extensions: ${path}`),
    });
    port = await new Promise<number>((resolve, reject) => api.listen(0, (address) => resolve(Number(address.split(':')[1])), reject));
  });
  afterEach(() => api.close());

  const get = (path: string) => callAt('127.0.0.1', port, { path });
  const post = (path: string, body: string | Buffer = '', headers: Record<string, string> = {}) =>
    callAt('127.0.0.1', port, { method: 'POST', path, body, headers });

  /** A runtime that has asked for work, and what it was given. */
  async function running(parts: Partial<Invocation> = {}) {
    const event = get(`${runtime}/invocation/next`);
    await vi.waitFor(() => expect(next).toHaveBeenCalled());
    expect(api.deliver(invocation(parts))).toBe(true);
    return event;
  }

  it('the ARN has the qualifier that the caller gave', async () => {
    const { headers } = await running({ qualifier: '$LATEST' });
    expect(headers['lambda-runtime-invoked-function-arn']).toBe('arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST');
  });

  it('hands an event over, with all that AWS tells about it', async () => {
    const event = await running({ clientContext: '{"custom":{"a":"é"}}', cognitoIdentity: '{"cognitoIdentityId":"i"}' });
    expect(event).toMatchObject({ status: 200, body: '{"é":1}' });
    const { headers } = event;
    expect(headers['content-type']).toBe('application/json');
    expect(headers['lambda-runtime-aws-request-id']).toBe(ID);
    expect(headers['lambda-runtime-deadline-ms']).toBe('1795000000123');
    expect(headers['lambda-runtime-invoked-function-arn']).toBe('arn:aws:lambda:us-east-1:000000000000:function:f');
    expect(headers['lambda-runtime-trace-id']).toBe('Root=1-5-6');
    expect(Buffer.from(String(headers['lambda-runtime-client-context']), 'latin1').toString()).toBe('{"custom":{"a":"é"}}');
    expect(headers['lambda-runtime-cognito-identity']).toBe('{"cognitoIdentityId":"i"}');
  });

  it('leaves out what an invocation does not have', async () => {
    const { headers } = await running();
    expect(headers).not.toHaveProperty('lambda-runtime-client-context');
    expect(headers).not.toHaveProperty('lambda-runtime-cognito-identity');
  });

  it('hands nothing to a client that has gone', async () => {
    const gone = request({ port, path: `${runtime}/invocation/next`, agent: false });
    gone.on('error', () => undefined).end();
    await vi.waitFor(() => expect(next).toHaveBeenCalled());
    gone.destroy();
    await vi.waitFor(() => expect(api.deliver(invocation())).toBe(false));
  });

  it('takes a response', async () => {
    await running();
    const answer = await post(response, Buffer.from([0, 255]), { 'content-type': 'image/png' });
    expect(answer).toMatchObject({ status: 202, body: '{"status":"OK"}\n' });
    expect(answers).toEqual([{ kind: 'result', body: Buffer.from([0, 255]), contentType: 'image/png' }]);
  });

  it.each<[string, string, string, Partial<Failure>]>([
    [
      'an error',
      JSON.stringify({ errorMessage: 'no', errorType: 'KeyError', stackTrace: [] }),
      '',
      { errorType: 'KeyError', errorMessage: 'no', detail: 'KeyError: no' },
    ],
    [
      'an error whose type is in the header only',
      '{"errorMessage":"no"}',
      'Function.Broken',
      { errorType: 'Function.Broken', detail: 'Function.Broken: no' },
    ],
    ['what is no JSON', '<html>', '', { errorType: undefined, detail: 'Error: an error that says no more' }],
    ['null', 'null', 'Runtime.X', { errorType: 'Runtime.X', detail: 'Runtime.X: an error that says no more' }],
    ['fields of the wrong types', '{"errorType":1,"errorMessage":[]}', '', { errorType: undefined, errorMessage: undefined }],
    ['nothing', '', '', { payload: Buffer.alloc(0) }],
  ])('takes %s, and hands it on as it is', async (_name, body, type, expected) => {
    await running();
    const headers: Record<string, string> = type ? { 'Lambda-Runtime-Function-Error-Type': type } : {};
    expect(await post(error, body, headers)).toMatchObject({ status: 202 });
    expect(answers).toEqual([expect.objectContaining({ kind: 'error', code: 'HandlerError', payload: Buffer.from(body), ...expected })]);
  });

  it.each([
    [
      '{"errorMessage":"no","errorType":"E","stackTrace":["a"],"errorCause":{"x":1}}',
      '{"errorMessage":"no","errorType":"E","stackTrace":["a"]}',
    ],
    ['{broken', '"Invalid error body"'],
  ])('takes the cause off an error that carries one: %s', async (body, payload) => {
    await running();
    await post(error, body, { 'content-type': 'application/vnd.aws.lambda.error.cause+json' });
    expect((answers[0] as Failure).payload?.toString()).toBe(payload);
  });

  it('refuses as AWS does, with its words and codes', async () => {
    const refused = async (answer: Promise<{ status: number; body: string }>) => {
      const { status, body } = await answer;
      return [status, JSON.parse(body) as unknown];
    };
    const invalidId = [400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' }];
    const state = (from: string, to: string) => [
      403,
      {
        errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
        errorType: 'InvalidStateTransition',
      },
    ];
    expect(await refused(post(response, 'x'))).toEqual(invalidId);
    await running();
    expect(await refused(post(`${runtime}/invocation/other/response`, 'x'))).toEqual(invalidId);
    expect(await refused(post(`${runtime}/invocation/%zz/error`, 'x'))).toEqual(invalidId);
    expect(await refused(post(`${runtime}/init/error`, '{}'))).toEqual(state('Running', 'InitError'));
    expect((await post(response, '1')).status).toBe(202);
    expect(await refused(post(response, '2'))).toEqual(state('RuntimeResponseSentState', 'InvocationResponse'));
    expect(await refused(post(error, '{}'))).toEqual(state('RuntimeResponseSentState', 'InvocationErrorResponse'));
    expect(answers).toHaveLength(1);
    expect((await refused(get(response)))[0]).toBe(405);
    expect((await refused(get(`${runtime}/restore/next`)))[0]).toBe(404);
    expect((await refused(post(`${runtime}/restore/error`)))[0]).toBe(404);
    expect((await refused(get('/2015-01-01/runtime/invocation/next')))[0]).toBe(404);
  });

  it.each(['/2022-07-01/telemetry', '/2020-08-15/logs', '/2020-01-01/extension/register'])(
    'leaves %s to whoever knows extensions',
    async (path) => {
      expect(await get(path)).toMatchObject({ status: 200, body: `of extensions: ${path}` });
    },
  );

  it('answers a ping', async () => {
    expect(await get('/2018-06-01/ping')).toMatchObject({ status: 200, body: 'pong' });
  });

  it('takes an error of the initialization, once', async () => {
    const body = '{"errorMessage":"m","errorType":"Runtime.ImportModuleError"}';
    expect((await post(`${runtime}/init/error`, body, { 'Lambda-Runtime-Function-Error-Type': 'Runtime.Other' })).status).toBe(202);
    expect(initErrors).toEqual([
      expect.objectContaining({ code: 'InitFailed', errorType: 'Runtime.ImportModuleError', payload: Buffer.from(body) }),
    ]);
    expect((await post(`${runtime}/init/error`, body)).status).toBe(403);
    expect(initErrors).toHaveLength(1);
  });

  it.each([
    ['as much as AWS takes', MAX_RESPONSE_BYTES, 202],
    ['one byte more', MAX_RESPONSE_BYTES + 1, 413],
  ])('%s', async (_name, size, status) => {
    await running();
    const answer = await post(response, Buffer.alloc(size, 32));
    expect(answer.status).toBe(status);
    if (status === 202) {
      expect(answers[0]).toMatchObject({ kind: 'result' });
      return;
    }
    expect(JSON.parse(answer.body)).toEqual({
      errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'RequestEntityTooLarge',
    });
    expect(answers).toEqual([
      expect.objectContaining({
        kind: 'error',
        code: 'ResponseTooLarge',
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: 'Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes).',
      }),
    ]);
  });

  it('an error may come with as much of where it came from as AWS’s clients send, in a header', async () => {
    await running();
    const body = JSON.stringify({ errorMessage: 'x'.repeat(20_000), errorType: 'ValueError' });
    const cause = 'x'.repeat(1024 * 1024);
    const { status } = await post(error, body, {
      'Lambda-Runtime-Function-Error-Type': 'ValueError',
      'Lambda-Runtime-Function-XRay-Error-Cause': cause,
    });
    expect(status).toBe(202);
    expect(answers).toEqual([expect.objectContaining({ code: 'HandlerError', errorType: 'ValueError', payload: Buffer.from(body) })]);
  });

  it('an error that is too large says so', async () => {
    await running();
    await post(error, Buffer.alloc(MAX_RESPONSE_BYTES + 1, 32), { 'Lambda-Runtime-Function-Error-Type': 'ValueError' });
    expect(answers).toEqual([expect.objectContaining({ code: 'ResponseTooLarge', errorType: 'Function.ResponseSizeTooLarge' })]);
  });

  it('a response that breaks off is none', async () => {
    await running();
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST ${response} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`);
    await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(0));
    setTimeout(() => socket.destroy(), 20);
    await vi.waitFor(() => expect(answers).toEqual([expect.objectContaining({ kind: 'error', errorType: 'Runtime.TruncatedResponse' })]));
  });

  it('refuses a response mode that there is not', async () => {
    await running();
    const answer = await post(response, 'x', { 'Lambda-Runtime-Function-Response-Mode': 'sideways' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ errorMessage: 'Invalid function response mode', errorType: 'InvalidFunctionResponseMode' });
    expect(answers).toEqual([expect.objectContaining({ errorType: 'Runtime.InvalidResponseModeHeader' })]);
  });

  describe('streaming', () => {
    const MODE = 'Content-Type: text/x\r\nLambda-Runtime-Function-Response-Mode: streaming';
    const streaming = (parts: string[], end: string | undefined, head = MODE) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1');
        socket.write(
          `POST ${response} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${head}\r\nTransfer-Encoding: chunked\r\n` +
            'Trailer: Lambda-Runtime-Function-Error-Type\r\n\r\n',
        );
        for (const part of parts) socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
        if (end !== undefined) socket.write(`0\r\n${end}\r\n`);
        else setTimeout(() => socket.destroy(), 20);
        let text = '';
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        socket.on('close', () => resolve(text)).on('error', reject);
      });

    it('hands the body on as it comes, and says at its end that it was whole', async () => {
      await running();
      expect(await streaming(['a', 'b'], '')).toMatch(/^HTTP\/1.1 202 /);
      expect(streams[0]?.contentType).toBe('text/x');
      expect(answers).toEqual([{ kind: 'streamed' }]);
    });

    it('an error in the trailers is a failure', async () => {
      await running();
      const body = Buffer.from('{"errorMessage":"late","errorType":"E"}').toString('base64');
      const trailers = `Lambda-Runtime-Function-Error-Type: E\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n`;
      expect(await streaming(['a'], trailers)).toMatch(/^HTTP\/1.1 202 /);
      expect(answers).toEqual([expect.objectContaining({ kind: 'error', code: 'HandlerError', errorType: 'E', detail: 'E: late' })]);
    });

    // As Go's client sends.
    const JSON_TYPE = 'Content-Type: application/json';
    const PRELUDE = 'Content-Type: application/vnd.awslambda.http-integration-response';
    it.each([
      ['a whole body', JSON_TYPE, {}, 'result'],
      ['a prelude', PRELUDE, {}, 'streamed'],
      ['whatever it is, when who asked takes a stream', JSON_TYPE, { streams: true }, 'streamed'],
    ] as const)('chunks of a runtime that names no mode are %s', async (_what, head, parts, kind) => {
      await running(parts);
      await streaming(['{', '}'], '', head);
      expect(answers.map((answer) => answer.kind)).toEqual([kind]);
    });

    it('an error in the trailers of a whole body is a failure, too', async () => {
      await running();
      await streaming(['{'], 'Lambda-Runtime-Function-Error-Type: E\r\n', JSON_TYPE);
      expect(answers).toEqual([expect.objectContaining({ kind: 'error', errorType: 'E' })]);
    });

    it('so is one that breaks off', async () => {
      await running();
      await streaming(['a'], undefined);
      await vi.waitFor(() => expect(answers).toEqual([expect.objectContaining({ kind: 'error', errorType: 'Runtime.TruncatedResponse' })]));
    });
  });
});
