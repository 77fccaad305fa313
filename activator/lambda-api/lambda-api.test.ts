import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signed } from '../../common/lambda-api/testing/signed.ts';
import { type Answer, callAt } from '../../test/support/http.ts';
import { fnObject, Rig } from '../testing/rig.ts';
import { ALL, errorOf, LambdaRig, ONE } from './testing/lambda-rig.ts';

describe('Lambda’s API', () => {
  const rig = new LambdaRig(1500, 3);
  beforeAll(async () => {
    await rig.listen();
    await Promise.all([
      rig.start('f', 4),
      rig.start('slow', 1, { LULL_TIMEOUT_SECONDS: '1' }),
      rig.start('broken', 1, { FAIL_TO_LOAD: 'yes' }),
    ]);
    rig.add(fnObject('web', { protocol: 'http', code: { image: 'x' } }), 1);
    rig.add(fnObject('asleep'));
    rig.add(
      fnObject('page', {
        whileWaking: { fallback: { service: 'nobody' } },
        answers: [{ path: '/2015-03-31/functions/page/invocations', body: 'no' }],
      }),
    );
  }, 30_000);
  afterAll(() => rig.close());

  const REPORT = /^REPORT RequestId: ID\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\tMemory Size: \d+ MB\tMax Memory Used: \d+ MB\t/;
  const linesOf = (answer: Answer): string[] =>
    tail(answer).replaceAll(String(answer.headers['x-amzn-requestid']), 'ID').split('\n').slice(0, -1);
  const tail = ({ headers }: Answer): string => Buffer.from(String(headers['x-amz-log-result'] ?? ''), 'base64').toString();

  it('invokes, and tells what AWS tells', async () => {
    const answer = await rig.invoke('f', { hello: 'wörld' });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { hello: 'wörld' }]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' });
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['x-amz-function-error']).toBeUndefined();
    expect(answer.headers['x-amz-log-result']).toBeUndefined();
    expect(rig.plane.table.get('ns/f')?.demand.now).toBe(0);
  });

  it.each(['f', 'f:$LATEST', 'f.ns', '000000000000:function:f', 'arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST'])(
    'by the name %s',
    async (name) => {
      expect((await rig.invoke(name, 7)).body).toBe('7');
    },
  );

  it('without a payload the event is {}', async () => {
    expect((await rig.invoke('f', undefined, { body: '' })).body).toBe('{}');
  });

  it('an event of 6 MiB goes through, one byte more does not', async () => {
    const most = Buffer.from(JSON.stringify('x'.repeat(6 * 1024 * 1024 - 2)));
    const answer = await rig.invoke('slow', undefined, { body: most });
    // The echo is as large, which is allowed.
    expect([answer.status, answer.body.length]).toEqual([200, most.length]);
    const refused = await rig.invoke('f', undefined, { body: Buffer.concat([most, Buffer.from(' ')]) });
    expect(errorOf(refused)).toEqual([
      413,
      'RequestTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ]);
  });

  it('a handler’s error is 200 and its own body', async () => {
    const answer = await rig.invoke('f', { do: 'fail' }, { headers: { 'x-amz-log-type': 'Tail' } });
    expect([answer.status, answer.headers['x-amz-function-error']]).toEqual([200, 'Unhandled']);
    expect(JSON.parse(answer.body)).toEqual({ errorMessage: 'as asked', errorType: 'AskedError', stackTrace: ['here'] });
    expect(linesOf(answer)).toEqual([
      'START RequestId: ID Version: $LATEST',
      'about to fail',
      'END RequestId: ID',
      expect.stringMatching(REPORT),
    ]);
  });

  const ENDS: [string, string, object, object][] = [
    ['an exit', 'f', { do: 'exit', code: 3 }, { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: exit status 3' }],
    [
      'a quiet exit',
      'f',
      { do: 'exit', code: 0 },
      { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited without providing a reason' },
    ],
    ['a signal', 'f', { do: 'signal' }, { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: signal: terminated' }],
    ['a timeout', 'slow', { do: 'sleep', ms: 5000 }, { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 1.00 seconds' }],
  ];
  it.each(ENDS)('%s is told as AWS tells it', async (_what, name, event, expected) => {
    const answer = await rig.invoke(name, event);
    expect([answer.status, answer.headers['x-amz-function-error']]).toEqual([200, 'Unhandled']);
    const { errorType, errorMessage } = JSON.parse(answer.body) as { errorType: string; errorMessage: string };
    const id = String(answer.headers['x-amzn-requestid']);
    expect({ errorType, errorMessage: errorMessage.replace(`RequestId: ${id} Error: `, '') }).toEqual(expected);
  });

  it('a function that cannot be loaded says why', async () => {
    const answer = await rig.invoke('broken', {});
    expect(JSON.parse(answer.body)).toMatchObject({ errorType: 'Runtime.ImportModuleError', errorMessage: 'no such module' });
    expect(answer.headers['x-amz-function-error']).toBe('Unhandled');
  });

  it('a result that is too large is the function’s error', async () => {
    const answer = await rig.invoke('f', { do: 'big', bytes: 6 * 1024 * 1024 + 200 });
    expect(JSON.parse(answer.body)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('the tail of the log is the invocation’s own, and 4 KB of it', async () => {
    const headers = { 'x-amz-log-type': 'Tail' };
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => rig.invoke('f', { do: 'print', lines: 2, name }, { headers })));
    expect(answers.map(linesOf)).toEqual(
      ['a', 'b', 'c'].map((name) => [
        'START RequestId: ID Version: $LATEST',
        `line 0 of ${name}`,
        `line 1 of ${name}`,
        'END RequestId: ID',
        expect.stringMatching(REPORT),
      ]),
    );
    const long = await rig.invoke('f', { do: 'print', lines: 1000 }, { headers });
    expect(tail(long)).toHaveLength(4096);
    expect(linesOf(long).slice(-3)).toEqual(['line 999 of it', 'END RequestId: ID', expect.stringMatching(REPORT)]);
    expect((await rig.invoke('f', { do: 'print' }, { headers: { 'x-amz-log-type': 'None' } })).headers['x-amz-log-result']).toBeUndefined();
  });

  it('the tail of a timeout says so, and that of a handler that goes on after its answer has all of it', async () => {
    const headers = { 'x-amz-log-type': 'Tail' };
    const late = await rig.invoke('slow', { do: 'sleep', ms: 5000 }, { headers });
    expect(linesOf(late)).toEqual([
      'START RequestId: ID Version: $LATEST',
      expect.stringMatching(/^\S+ ID Task timed out after 1\.00 seconds$/),
      'END RequestId: ID',
      expect.stringMatching(/^REPORT .*\tStatus: timeout$/),
    ]);
    const lingering = await rig.invoke('slow', { do: 'linger' }, { headers });
    expect([lingering.body, lingering.headers['x-amz-function-error']]).toEqual(['"lingers"', undefined]);
    expect(linesOf(lingering).slice(0, 3)).toEqual(['START RequestId: ID Version: $LATEST', 'before', 'after']);
    expect(linesOf(lingering).at(-1)).toMatch(/^REPORT /);
    expect((await rig.invoke('slow', 1)).body).toBe('1');
  });

  it('what a handler streams is gathered for Invoke, and not half of it when it fails', async () => {
    const answer = await rig.invoke('f', { do: 'stream', pieces: ['{"a":', '"ü"}'] });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { a: 'ü' }]);
    const failed = await rig.invoke('f', { do: 'stream', pieces: ['half'], fails: true });
    expect(failed.headers['x-amz-function-error']).toBe('Unhandled');
    expect(JSON.parse(failed.body)).toEqual({ errorType: 'Late', errorMessage: 'broke off' });
    const large = await rig.invoke('f', { do: 'big-stream', count: 97 });
    expect(JSON.parse(large.body)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('hands over client context, trace and request id, and nothing that a client says in our name', async () => {
    const context = { custom: { a: 'ü 😀\n' }, client: { installation_id: 'i' } };
    const answer = await rig.invoke(
      'f',
      { do: 'context' },
      {
        headers: {
          'x-amz-client-context': Buffer.from(JSON.stringify(context, null, 2)).toString('base64'),
          'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1',
        },
      },
    );
    const got = JSON.parse(answer.body) as { id: string; headers: Record<string, string> };
    expect(got.id).toBe(answer.headers['x-amzn-requestid']);
    expect(JSON.parse(got.headers['lambda-runtime-client-context'] ?? '')).toEqual(context);
    expect(got.headers['lambda-runtime-trace-id']).toContain('Root=1-5759e988-bd862e3fe1be46a994272793');
  });

  it('Lull-* fields of clients do not make an HTTP request an event', async () => {
    const answer = await rig.call('f', {
      method: 'POST',
      body: '{"do":"fail"}',
      headers: { 'lull-invoke': 'RequestResponse', 'Lull-Log-Type': 'Tail' },
    });
    const event = JSON.parse(answer.body) as { headers: Record<string, string>; rawPath: string };
    expect([answer.status, event.rawPath, answer.headers['x-amz-executed-version']]).toEqual([200, '/', undefined]);
    expect(Object.keys(event.headers).filter((name) => name.startsWith('lull-'))).toEqual([]);
  });

  it('a function’s own host is its own, whatever the path', async () => {
    const answer = await rig.call('f', { method: 'POST', path: '/2015-03-31/functions/f/invocations', body: '{}' });
    expect((JSON.parse(answer.body) as { rawPath: string }).rawPath).toBe('/2015-03-31/functions/f/invocations');
  });

  it('DryRun says whether it may, and runs nothing', async () => {
    const dry = { headers: { 'x-amz-invocation-type': 'DryRun' } };
    const answer = await rig.invoke('asleep', {}, dry);
    expect([answer.status, answer.body, answer.headers['x-amz-executed-version']]).toEqual([204, '', '$LATEST']);
    expect(rig.scaled).toEqual([]);
    expect(errorOf(await rig.invoke('asleep', {}, { ...dry, credentials: ONE }))[1]).toBe('AccessDeniedException');
  });

  it('lists and shows functions as AWS does', async () => {
    const get = async (target: string) => JSON.parse((await rig.send(target, { method: 'GET' })).body) as Record<string, unknown>;
    const all = await get('/2015-03-31/functions/');
    const names = (all['Functions'] as { FunctionName: string }[]).map(({ FunctionName }) => FunctionName);
    expect(names).toEqual(['asleep', 'broken', 'f', 'page', 'slow']);
    const first = await get('/2015-03-31/functions?MaxItems=4');
    expect(first['NextMarker']).toBe('page');
    const second = await get('/2015-03-31/functions?MaxItems=4&Marker=page');
    expect([(second['Functions'] as unknown[]).length, second['NextMarker']]).toEqual([1, undefined]);
    const configuration = await get('/2015-03-31/functions/f/configuration');
    expect(configuration).toMatchObject({
      FunctionName: 'f',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      Runtime: 'python',
      Handler: 'a.b',
      Timeout: 10,
      MemorySize: 256,
      CodeSize: 5,
      State: 'Active',
      Version: '$LATEST',
      PackageType: 'Zip',
    });
    expect((await get('/2015-03-31/functions/f'))['Configuration']).toEqual(configuration);
    expect(errorOf(await rig.send('/2015-03-31/functions?MaxItems=0', { method: 'GET' }))[1]).toBe('InvalidParameterValueException');
  });

  it('no page and no other Service answers in a handler’s place', async () => {
    expect(errorOf(await rig.invoke('page', {}))).toEqual([429, 'TooManyRequestsException', 'Rate Exceeded.']);
  });

  it('is throttled when as many wait as may, and when none came free in time; then all is as it was', async () => {
    const waiting = Array.from({ length: 5 }, () => rig.invoke('asleep', {}));
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 429, 429]);
    expect(JSON.parse(answers[0]?.body ?? '')).toEqual({
      Reason: 'ConcurrentInvocationLimitExceeded',
      Type: 'User',
      message: 'Rate Exceeded.',
    });
    // Two found no place, three waited for 1.5 s.
    expect(answers.filter(({ millis }) => millis < 1000)).toHaveLength(2);
    expect(answers.every(({ headers }) => headers['retry-after'] === '1')).toBe(true);
    expect([rig.plane.open, rig.plane.table.get('ns/asleep')?.demand.now, rig.plane.table.get('ns/asleep')?.keptBytes.hasRoom]).toEqual([
      0,
      0,
      true,
    ]);
  });

  it('a client that leaves while it waits, or while it is read, leaves nothing behind', async () => {
    const controller = new AbortController();
    const left = invokeAborted(controller.signal);
    await vi.waitFor(() => expect(rig.plane.table.get('ns/asleep')?.queue.length).toBe(1));
    controller.abort();
    await left;
    await vi.waitFor(() => expect([rig.plane.open, rig.plane.table.get('ns/asleep')?.demand.now]).toEqual([0, 0]));
  });

  async function invokeAborted(signal: AbortSignal): Promise<void> {
    const target = '/2015-03-31/functions/asleep/invocations';
    const body = JSON.stringify('x'.repeat(1 << 20));
    const headers = signed(ALL, { target, headers: { host: rig.host }, body });
    await fetch(`http://127.0.0.1:${rig.port}${target}`, { method: 'POST', body, headers: { ...headers, host: '' }, signal }).catch(
      () => undefined,
    );
  }

  it('a payload in chunks of one byte', async () => {
    const target = '/2015-03-31/functions/f/invocations';
    const body = JSON.stringify('abc'.repeat(300));
    const headers = signed(ALL, { target, headers: { host: rig.host }, body });
    const got = await new Promise<string>((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port: rig.port, method: 'POST', path: target, headers, agent: false }, (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        res.on('end', () => resolve(text));
      });
      req.on('error', reject);
      for (const byte of body) req.write(byte);
      req.end();
    });
    expect(got).toBe(body);
  });

  it('by HTTP/2, too', async () => {
    const target = '/2015-03-31/functions/f/invocations';
    const session = connect(`http://127.0.0.1:${rig.port}`);
    const headers = signed(ALL, { target, headers: { host: rig.host }, body: '[1]' });
    const stream = session.request({
      ...headers,
      host: undefined,
      ':method': 'POST',
      ':path': target,
      ':authority': rig.host,
    });
    stream.end('[1]');
    let got = '';
    for await (const chunk of stream) got += String(chunk);
    expect(got).toBe('[1]');
    session.close();
  });

  it('an answer by event stream', async () => {
    const payload = { noise: randomBytes(60_000).toString('hex') };
    const target = '/2021-11-15/functions/f/response-streaming-invocations';
    const answer = await rig.send(target, { body: JSON.stringify(payload), headers: { 'x-amz-log-type': 'Tail' } });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/vnd.amazon.eventstream']);
    // Two chunks and the end; the framing itself is for AWS's own clients to judge (test/conformance).
    expect(answer.body.match(/PayloadChunk/g)).toHaveLength(2);
    expect(answer.body).toContain('{"LogResult":"');
    const failed = await rig.send(target, { body: '{"do":"fail"}' });
    expect(failed.body).toContain('"ErrorCode":"AskedError"');
  });
});

describe('Lambda’s API without keys', () => {
  it('is open to anybody when it is anonymous, and not there when it is off', async () => {
    const open = new Rig(200, 10, { lambdaApi: { authentication: undefined } });
    const off = new Rig(200, 10);
    for (const rig of [open, off]) {
      await rig.listen();
      rig.add(fnObject('f', { concurrency: 5 }), 1);
      await rig.pod('f', (req, res) => {
        res.setHeader('X-Amz-Executed-Version', '$LATEST');
        res.end(`${String(req.headers['lull-invoke'])} ${req.url ?? ''}`);
      });
    }
    const path = '/2015-03-31/functions/f.ns/invocations';
    const call = (rig: Rig): Promise<Answer> => callAt('127.0.0.1', rig.port, { method: 'POST', path, body: '{}' });
    const answer = await call(open);
    expect([answer.status, answer.body]).toEqual([200, 'RequestResponse /2015-03-31/functions/f/invocations']);
    expect(JSON.parse((await call(off)).body)).toMatchObject({ code: 'NoSuchFunction' });
    open.close();
    off.close();
  });

  it('an answer of a bridge that knows no events is not taken for the handler’s', async () => {
    const rig = new Rig(200, 10, { lambdaApi: { authentication: undefined } });
    await rig.listen();
    rig.add(fnObject('f', { concurrency: 5 }), 1);
    await rig.pod('f', (_req, res) => res.end('an HTTP answer'));
    const answer = await callAt('127.0.0.1', rig.port, { method: 'POST', path: '/2015-03-31/functions/f.ns/invocations', body: '{}' });
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([500, 'ServiceException']);
    expect(answer.body).not.toContain('an HTTP answer');
    rig.close();
  });

  it('a pod that breaks in the middle is the function’s failure: SDKs would send it again otherwise', async () => {
    const rig = new Rig(200, 10, { lambdaApi: { authentication: undefined } });
    await rig.listen();
    rig.add(fnObject('f', { concurrency: 5 }), 1);
    await rig.pod('f', (req) => req.socket.destroy());
    const answer = await callAt('127.0.0.1', rig.port, { method: 'POST', path: '/2015-03-31/functions/f.ns/invocations', body: '{}' });
    expect([answer.status, answer.headers['x-amz-function-error']]).toEqual([200, 'Unhandled']);
    expect(JSON.parse(answer.body)).toMatchObject({ errorType: 'Sandbox.Failure' });
    const path = '/2021-11-15/functions/f.ns/response-streaming-invocations';
    const streamed = await callAt('127.0.0.1', rig.port, { method: 'POST', path, body: '{}' });
    expect([streamed.status, streamed.headers['content-type']]).toEqual([200, 'application/vnd.amazon.eventstream']);
    expect(streamed.body).toContain('"ErrorCode":"Sandbox.Failure"');
    rig.close();
  });
});
