import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { announceToken } from '../../common/api/token.ts';
import { Bridge } from '../../images/runtime/testing/bridge.ts';
import { type Answer, callAt } from '../../test/support/http.ts';
import { fnObject, KEY, Rig } from '../testing/rig.ts';
import { AccessKey } from './access-key.ts';
import type { AccessKeys } from './access-keys.ts';
import { Authentication } from './authentication.ts';
import { type Credentials, signed } from './testing/signed.ts';

const ALL: Credentials = { id: 'ALLKEY', secret: 'a secret of the key that may do all' };
const ONE: Credentials = { id: 'ONEKEY', secret: 'a secret of the key for one function' };
const OTHER: Credentials = { id: 'OTHERKEY', secret: 'a secret of the key of others' };
const text = ({ secret }: Credentials, more: string): string => `secretAccessKey: ${secret}\n${more}`;
const KEYS = new Map([
  [ALL.id, new AccessKey(ALL.id, text(ALL, "namespaces: [ns, other]\nactions: ['lambda:*']"))],
  [ONE.id, new AccessKey(ONE.id, text(ONE, 'namespaces: [ns]\nfunctions: [f]'))],
  [OTHER.id, new AccessKey(OTHER.id, text(OTHER, 'namespaces: [other]'))],
]);

interface Options {
  credentials?: Credentials;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  at?: number;
}

describe('Lambda’s API', () => {
  const mismatches: string[] = [];
  const rig = new Rig(1500, 3, {
    lambdaApi: {
      authentication: new Authentication(KEYS as unknown as AccessKeys, Date.now, (_id, canonical) => mismatches.push(canonical)),
    },
  });
  const bridges: Bridge[] = [];

  const start = async (name: string, concurrency: number, env: Record<string, string> = {}): Promise<void> => {
    rig.add(fnObject(name, { concurrency, timeoutSeconds: Number(env['LULL_TIMEOUT_SECONDS'] ?? 10) }), 1);
    const bridge = await Bridge.start({
      control: rig.controlAddress,
      http: `127.0.0.1:${rig.port}`,
      name: `pod-${name}`,
      token: announceToken(KEY, { namespace: 'ns', function: name, revision: `${name}-1` }),
      concurrency,
      env: {
        LULL_FUNCTION: name,
        LULL_REVISION: `${name}-1`,
        LULL_DIRECT_PORT: '0',
        LULL_COMMAND: JSON.stringify([process.execPath, join(import.meta.dirname, '../testing/event-handler.mjs')]),
        ...env,
      },
    });
    bridges.push(bridge);
  };

  beforeAll(async () => {
    await rig.listen();
    await Promise.all([start('f', 4), start('slow', 1, { LULL_TIMEOUT_SECONDS: '1' }), start('broken', 1, { FAIL_TO_LOAD: 'yes' })]);
    rig.add(fnObject('web', { protocol: 'http', code: { image: 'x' } }), 1);
    rig.add(fnObject('asleep'));
    rig.add(fnObject('stopped', { replicas: 0 }));
    rig.add(
      fnObject('page', {
        whileWaking: { fallback: { service: 'nobody' } },
        answers: [{ path: '/2015-03-31/functions/page/invocations', body: 'no' }],
      }),
    );
  }, 30_000);
  afterAll(() => {
    for (const bridge of bridges) bridge.kill();
    rig.close();
  });

  const send = (
    target: string,
    { credentials = ALL, method = 'POST', headers = {}, body = '', at = Date.now() }: Options = {},
  ): Promise<Answer> => {
    const host = `127.0.0.1:${rig.port}`;
    return callAt('127.0.0.1', rig.port, {
      method,
      path: target,
      body,
      headers: signed(credentials, { method, target, headers: { host, ...headers }, body, at }),
    });
  };
  const invoke = (name: string, event: unknown, options: Options & { query?: string } = {}): Promise<Answer> =>
    send(`/2015-03-31/functions/${encodeURIComponent(name)}/invocations${options.query ?? ''}`, {
      ...options,
      body: options.body ?? JSON.stringify(event),
    });
  const error = ({ status, headers, body }: Answer): [number, string, string] => {
    const parsed = JSON.parse(body) as { message?: string; Message?: string };
    return [status, String(headers['x-amzn-errortype']), parsed.message ?? parsed.Message ?? ''];
  };
  const tail = ({ headers }: Answer): string => Buffer.from(String(headers['x-amz-log-result'] ?? ''), 'base64').toString();

  it('invokes, and tells what AWS tells', async () => {
    const answer = await invoke('f', { hello: 'wörld' });
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
      expect((await invoke(name, 7)).body).toBe('7');
    },
  );

  it('without a payload the event is {}', async () => {
    expect((await invoke('f', undefined, { body: '' })).body).toBe('{}');
  });

  it('an event of 6 MiB goes through, one byte more does not', async () => {
    const most = Buffer.from(JSON.stringify('x'.repeat(6 * 1024 * 1024 - 2)));
    const answer = await invoke('slow', undefined, { body: most });
    // The echo is as large, which is allowed.
    expect([answer.status, answer.body.length]).toEqual([200, most.length]);
    const refused = await invoke('f', undefined, { body: Buffer.concat([most, Buffer.from(' ')]) });
    expect(error(refused)).toEqual([
      413,
      'RequestTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ]);
  });

  it('a handler’s error is 200 and its own body', async () => {
    const answer = await invoke('f', { do: 'fail' }, { headers: { 'x-amz-log-type': 'Tail' } });
    expect([answer.status, answer.headers['x-amz-function-error']]).toEqual([200, 'Unhandled']);
    expect(JSON.parse(answer.body)).toEqual({ errorMessage: 'as asked', errorType: 'AskedError', stackTrace: ['here'] });
    expect(tail(answer)).toContain('about to fail\n');
  });

  const ENDS: [string, string, object, object][] = [
    ['an exit', 'f', { do: 'exit', code: 3 }, { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: exit status 3' }],
    [
      'a quiet exit',
      'f',
      { do: 'exit', code: 0 },
      { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited without providing a reason' },
    ],
    ['a signal', 'f', { do: 'signal' }, { errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: signal: SIGTERM' }],
    ['a timeout', 'slow', { do: 'sleep', ms: 5000 }, { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 1.00 seconds' }],
  ];
  it.each(ENDS)('%s is told as AWS tells it', async (_what, name, event, expected) => {
    const answer = await invoke(name, event);
    expect([answer.status, answer.headers['x-amz-function-error']]).toEqual([200, 'Unhandled']);
    const { errorType, errorMessage } = JSON.parse(answer.body) as { errorType: string; errorMessage: string };
    const id = String(answer.headers['x-amzn-requestid']);
    expect({ errorType, errorMessage: errorMessage.replace(`RequestId: ${id} Error: `, '') }).toEqual(expected);
  });

  it('a function that cannot be loaded says why', async () => {
    const answer = await invoke('broken', {});
    expect(JSON.parse(answer.body)).toMatchObject({ errorType: 'Runtime.ImportModuleError', errorMessage: 'no such module' });
    expect(answer.headers['x-amz-function-error']).toBe('Unhandled');
  });

  it('a result that is too large is the function’s error', async () => {
    const answer = await invoke('f', { do: 'big', bytes: 6 * 1024 * 1024 + 200 });
    expect(JSON.parse(answer.body)).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  it('the tail of the log is the invocation’s own, and 4 KB of it', async () => {
    const headers = { 'x-amz-log-type': 'Tail' };
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => invoke('f', { do: 'print', lines: 2, name }, { headers })));
    expect(answers.map(tail)).toEqual(['a', 'b', 'c'].map((name) => `line 0 of ${name}\nline 1 of ${name}\n`));
    const long = await invoke('f', { do: 'print', lines: 1000 }, { headers });
    expect(tail(long)).toHaveLength(4096);
    expect(tail(long).endsWith('line 999 of it\n')).toBe(true);
    expect((await invoke('f', { do: 'print' }, { headers: { 'x-amz-log-type': 'None' } })).headers['x-amz-log-result']).toBeUndefined();
  });

  it('hands over client context, trace and request id, and nothing that a client says in our name', async () => {
    const context = { custom: { a: 'ü 😀\n' }, client: { installation_id: 'i' } };
    const answer = await invoke(
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
    const answer = await invoke('asleep', {}, dry);
    expect([answer.status, answer.body, answer.headers['x-amz-executed-version']]).toEqual([204, '', '$LATEST']);
    expect(rig.scaled).toEqual([]);
    expect(error(await invoke('asleep', {}, { ...dry, credentials: ONE }))[1]).toBe('AccessDeniedException');
  });

  const REFUSED: [string, () => Promise<Answer>, number, string, RegExp][] = [
    [
      'Event, which would be lost',
      () => invoke('f', {}, { headers: { 'x-amz-invocation-type': 'Event' } }),
      400,
      'InvalidParameterValueException',
      /durable queue/,
    ],
    [
      'another type',
      () => invoke('f', {}, { headers: { 'x-amz-invocation-type': 'Later' } }),
      400,
      'InvalidParameterValueException',
      /enum value set/,
    ],
    ['no JSON', () => invoke('f', {}, { body: 'hello' }), 400, 'InvalidRequestContentException', /^Could not parse request body into json/],
    ['no UTF-8', () => invoke('f', {}, { body: Buffer.from([34, 200, 34]) }), 400, 'InvalidRequestContentException', /Invalid UTF-8/],
    [
      'no such function',
      () => invoke('nothing', {}),
      404,
      'ResourceNotFoundException',
      /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:nothing$/,
    ],
    ['no such version', () => invoke('f:7', {}), 404, 'ResourceNotFoundException', /function:f:7$/],
    ['no such alias', () => invoke('f', {}, { query: '?Qualifier=prod' }), 404, 'ResourceNotFoundException', /function:f:prod$/],
    ['two qualifiers', () => invoke('f:1', {}, { query: '?Qualifier=2' }), 400, 'InvalidParameterValueException', /derived qualifier/],
    ['a name that is none', () => invoke('a b', {}), 400, 'InvalidParameterValueException', /functionName/],
    [
      'an HTTP server',
      () => invoke('web', {}),
      400,
      'InvalidParameterValueException',
      /^web is an HTTP server .* call http:\/\/web\.ns instead/,
    ],
    [
      'a client context that is no JSON',
      () => invoke('f', {}, { headers: { 'x-amz-client-context': 'bm8=' } }),
      400,
      'InvalidRequestContentException',
      /Client context/,
    ],
    [
      'a client context that is too long',
      () => invoke('f', {}, { headers: { 'x-amz-client-context': 'a'.repeat(3584) } }),
      400,
      'InvalidRequestContentException',
      /3583/,
    ],
    ['another’s namespace', () => invoke('f', {}, { credentials: OTHER, query: '' }), 404, 'ResourceNotFoundException', /function:f$/],
    [
      'another’s namespace by name',
      () => invoke('f.ns', {}, { credentials: OTHER }),
      403,
      'AccessDeniedException',
      /not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:f\.ns/,
    ],
    ['another function', () => invoke('slow', {}, { credentials: ONE }), 403, 'AccessDeniedException', /user\/ONEKEY is not authorized/],
    [
      'a function that is not there, to who may not know',
      () => invoke('nothing', {}, { credentials: ONE }),
      403,
      'AccessDeniedException',
      /not authorized/,
    ],
    [
      'an action that the key has not',
      () => send('/2015-03-31/functions/f', { method: 'GET', credentials: ONE }),
      403,
      'AccessDeniedException',
      /lambda:GetFunction/,
    ],
    [
      'what is not served',
      () => send('/2015-03-31/functions', { body: '{}' }),
      501,
      'NotImplementedException',
      /CreateFunction is not served.*kubectl/,
    ],
    [
      'what is not served, to who may not',
      () => send('/2015-03-31/functions', { body: '{}', credentials: ONE }),
      403,
      'AccessDeniedException',
      /lambda:CreateFunction/,
    ],
    ['what is not known', () => send('/2015-03-31/functions/f/whatever', { method: 'PUT' }), 404, 'UnknownOperationException', /whatever/],
    [
      'an unknown key',
      () => invoke('f', {}, { credentials: { id: 'NOBODY', secret: 'x' } }),
      403,
      'UnrecognizedClientException',
      /security token included in the request is invalid/,
    ],
    [
      'a wrong secret',
      () => invoke('f', {}, { credentials: { id: ALL.id, secret: 'wrong' } }),
      403,
      'InvalidSignatureException',
      /does not match the signature you provided/,
    ],
    [
      'a signature of yesterday',
      () => invoke('f', {}, { at: Date.now() - 86_400_000 }),
      403,
      'InvalidSignatureException',
      /Signature expired/,
    ],
    ['a clock that is ahead', () => invoke('f', {}, { at: Date.now() + 600_000 }), 403, 'InvalidSignatureException', /not yet current/],
    [
      'a session token',
      () => invoke('f', {}, { headers: { 'x-amz-security-token': 'abc' } }),
      403,
      'UnrecognizedClientException',
      /AWS_SESSION_TOKEN/,
    ],
    [
      'an unsigned payload on a plain connection',
      () => invoke('f', {}, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
      403,
      'InvalidSignatureException',
      /encrypted connections only/,
    ],
    [
      'a streamed payload',
      () => invoke('f', {}, { headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } }),
      403,
      'InvalidSignatureException',
      /not supported/,
    ],
    [
      'another payload than was signed',
      () => invoke('f', {}, { headers: { 'x-amz-content-sha256': 'a'.repeat(64) } }),
      403,
      'InvalidSignatureException',
      /not the hash of the body/,
    ],
    [
      'no signature',
      () => callAt('127.0.0.1', rig.port, { method: 'POST', path: '/2015-03-31/functions/f/invocations', body: '{}' }),
      403,
      'MissingAuthenticationTokenException',
      /Missing/,
    ],
    ['a function that is stopped', () => invoke('stopped', {}), 429, 'TooManyRequestsException', /Rate Exceeded/],
  ];
  it.each(REFUSED)('%s is refused', async (_what, run, status, code, message) => {
    const answer = await run();
    const [gotStatus, gotCode, gotMessage] = error(answer);
    expect([gotStatus, gotCode]).toEqual([status, code]);
    expect(gotMessage).toMatch(message);
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).not.toContain('AWS4-HMAC-SHA256\n');
  });

  it('what was expected to be signed is told to the log alone', () => {
    expect(mismatches.length).toBeGreaterThan(0);
    expect(mismatches[0]).toMatch(/^POST\n\/2015-03-31\/functions\/f\/invocations\n/);
  });

  it('a header that was added to a signed call is refused', async () => {
    const target = '/2015-03-31/functions/f/invocations';
    const headers = signed(ALL, { target, headers: { host: `127.0.0.1:${rig.port}` }, body: '{}' });
    const answer = await callAt('127.0.0.1', rig.port, {
      method: 'POST',
      path: target,
      body: '{}',
      headers: { ...headers, 'X-Amz-Log-Type': 'Tail' },
    });
    expect(error(answer)[2]).toBe("'x-amz-log-type' must be a 'SignedHeader' in the AWS Authorization.");
  });

  it('lists and shows functions as AWS does', async () => {
    const get = async (target: string) => JSON.parse((await send(target, { method: 'GET' })).body) as Record<string, unknown>;
    const all = await get('/2015-03-31/functions/');
    const names = (all['Functions'] as { FunctionName: string }[]).map(({ FunctionName }) => FunctionName);
    expect(names).toEqual(['asleep', 'broken', 'f', 'page', 'slow', 'stopped']);
    const first = await get('/2015-03-31/functions?MaxItems=4');
    expect(first['NextMarker']).toBe('page');
    const second = await get('/2015-03-31/functions?MaxItems=4&Marker=page');
    expect([(second['Functions'] as unknown[]).length, second['NextMarker']]).toEqual([2, undefined]);
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
    expect(error(await send('/2015-03-31/functions?MaxItems=0', { method: 'GET' }))[1]).toBe('InvalidParameterValueException');
  });

  it('no page and no other Service answers in a handler’s place', async () => {
    expect(error(await invoke('page', {}))).toEqual([429, 'TooManyRequestsException', 'Rate Exceeded.']);
  });

  it('is throttled when as many wait as may, and when none came free in time; then all is as it was', async () => {
    const waiting = Array.from({ length: 5 }, () => invoke('asleep', {}));
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
    const headers = signed(ALL, { target, headers: { host: `127.0.0.1:${rig.port}` }, body });
    await fetch(`http://127.0.0.1:${rig.port}${target}`, { method: 'POST', body, headers: { ...headers, host: '' }, signal }).catch(
      () => undefined,
    );
  }

  it('a payload in chunks of one byte', async () => {
    const target = '/2015-03-31/functions/f/invocations';
    const body = JSON.stringify('abc'.repeat(300));
    const headers = signed(ALL, { target, headers: { host: `127.0.0.1:${rig.port}` }, body });
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
    const headers = signed(ALL, { target, headers: { host: `127.0.0.1:${rig.port}` }, body: '[1]' });
    const stream = session.request({
      ...headers,
      host: undefined,
      ':method': 'POST',
      ':path': target,
      ':authority': `127.0.0.1:${rig.port}`,
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
    const answer = await send(target, { body: JSON.stringify(payload), headers: { 'x-amz-log-type': 'Tail' } });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/vnd.amazon.eventstream']);
    // Two chunks and the end; the framing itself is for AWS's own clients to judge (test/conformance).
    expect(answer.body.match(/PayloadChunk/g)).toHaveLength(2);
    expect(answer.body).toContain('{"LogResult":"');
    const failed = await send(target, { body: '{"do":"fail"}' });
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
    const invoke = (rig: Rig): Promise<Answer> => callAt('127.0.0.1', rig.port, { method: 'POST', path, body: '{}' });
    const answer = await invoke(open);
    expect([answer.status, answer.body]).toEqual([200, 'RequestResponse /2015-03-31/functions/f/invocations']);
    expect(JSON.parse((await invoke(off)).body)).toMatchObject({ code: 'NoSuchFunction' });
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
