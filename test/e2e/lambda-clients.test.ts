import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Bridge } from '../../images/runtime/testing/bridge.ts';
import { logLines, requestLines } from '../../images/runtime/testing/log-lines.ts';
import { repoDir } from '../cluster/paths.ts';
import type { Answer } from '../support/http.ts';
import { type ClientCommand, nodeClient, pythonClient } from '../support/lambda-clients.ts';
import { until } from '../support/wait.ts';

/**
 * AWS's own Runtime Interface Clients, as they come from PyPI and npm, against the bridge as a process on this machine: it needs no cluster, but the image from
 * whose archive the Node client is taken.
 */
const root = path.join(repoDir, 'images/runtime/testing/handlers');
const MAX = 6 * 1024 * 1024 + 100;
const REPORT = 'REPORT RequestId: ID\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 256 MB\tMax Memory Used: N MB\t';
const START = 'START RequestId: ID Version: $LATEST';
const END = 'END RequestId: ID';

async function start(command: ClientCommand, handler: string, env: Record<string, string> = {}): Promise<Bridge> {
  return Bridge.start({
    control: '127.0.0.1:1',
    http: '127.0.0.1:1',
    env: {
      LULL_COMMAND: JSON.stringify(command),
      LULL_HANDLER: handler,
      LULL_TASK_ROOT: root,
      LULL_TIMEOUT_SECONDS: '2',
      LULL_MEMORY_MB: '256',
      ...env,
    },
  });
}

/** The lines of the request, once its REPORT is there: without those of Lull itself. */
async function linesOf(bridge: Bridge, answer: Answer): Promise<string[]> {
  const id = String(answer.headers['x-amzn-requestid']);
  const lines = await until('the REPORT', () => {
    const all = requestLines(bridge.output, id);
    return Promise.resolve(all.some((line) => line.startsWith('REPORT')) ? all : undefined);
  });
  return lines.filter((line) => !line.startsWith('ERROR '));
}

describe('awslambdaric', { timeout: 180_000 }, () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await start(await pythonClient(), 'handlers.handler', { AWS_EXECUTION_ENV: 'AWS_Lambda_python3.11' });
  }, 180_000);
  afterAll(() => bridge.kill());
  const call = (target: string) => bridge.callByActivator({ path: target });

  it('the first invocation has an Init Duration, which is billed, later ones have none', async () => {
    const first = await linesOf(bridge, await call('/calls'));
    expect(first).toEqual([START, END, `${REPORT}Init Duration: N ms\t`]);
    expect(await linesOf(bridge, await call('/calls'))).toEqual([START, END, REPORT]);
    expect(logLines(bridge.output)[0]).toEqual({
      label: 'init',
      text: 'INIT_START Runtime Version: python:3.11\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:python3.11',
    });
    const [, duration, billed, init] = /Duration: ([\d.]+) ms\tBilled Duration: (\d+) .*Init Duration: ([\d.]+)/.exec(bridge.output) ?? [];
    expect(Number(billed)).toBe(Math.ceil(Number(duration) + Number(init)));
  });

  it('has every field of the context', async () => {
    const answer = await call('/context');
    const context = JSON.parse(answer.body) as Record<string, unknown>;
    expect(context).toEqual({
      request_id: answer.headers['x-amzn-requestid'],
      name: 'f',
      version: '$LATEST',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      memory: '256',
      group: '/aws/lambda/f',
      stream: 'pod-1',
      remaining: expect.any(Number),
      trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      client: true,
    });
    expect(context['remaining']).toBeGreaterThan(1500);
    expect(context['remaining']).toBeLessThanOrEqual(2000);
  });

  it('has the environment of Lambda, and nothing of Lull’s', async () => {
    const env = JSON.parse((await call('/environment')).body) as Record<string, string>;
    expect(env).toMatchObject({
      _HANDLER: 'handlers.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=/),
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_python3.11',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_FORMAT: 'Text',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/f',
      AWS_LAMBDA_LOG_STREAM_NAME: 'pod-1',
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      LAMBDA_TASK_ROOT: root,
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
    });
    expect(Object.keys(env).filter((name) => name.startsWith('LULL_'))).toEqual([]);
  });

  it('logs what is printed in order, under the request that printed it, whole lines or not', async () => {
    const printed = await call('/print');
    await call('/calls');
    expect(await linesOf(bridge, printed)).toEqual([
      START,
      'to stdout',
      'to stderr',
      '[WARNING]\tTIME\tID\tby logging',
      'last',
      END,
      REPORT,
    ]);
  });

  it('logs a traceback line by line', async () => {
    const raised = await call('/raise');
    expect([raised.status, raised.headers['x-lull-error']]).toEqual([502, 'HandlerError']);
    const lines = await linesOf(bridge, raised);
    expect(lines.slice(0, 3)).toEqual([START, "[ERROR] KeyError: 'no such thing'", 'Traceback (most recent call last):']);
    expect(lines.slice(-3)).toEqual([expect.stringMatching(/raise KeyError/), END, REPORT]);
  });

  it.each([
    ['/exit', ['about to exit', 'RequestId: ID Error: Runtime exited with error: exit status 3', 'Runtime.ExitError']],
    ['/exit-without-a-word', ['RequestId: ID Error: Runtime exited without providing a reason', 'Runtime.ExitError']],
    ['/kill', ['RequestId: ID Error: Runtime exited with error: signal: killed', 'Runtime.ExitError']],
  ])('%s ends the process: it is said in AWS’s words, and the next finds a new one', async (target, words) => {
    await call('/calls');
    const answer = await call(target);
    expect(answer.status).toBe(502);
    expect(await linesOf(bridge, answer)).toEqual([START, ...words, END, `${REPORT}Status: error\tError Type: Runtime.ExitError`]);
    expect((await call('/calls')).body).toBe('1');
  });

  it('a timeout too', async () => {
    await call('/calls');
    const answer = await call('/sleep?seconds=30');
    expect([answer.status, answer.headers['x-lull-error']]).toEqual([504, 'HandlerTimeout']);
    expect(await linesOf(bridge, answer)).toEqual([
      START,
      'going to sleep',
      'TIME ID Task timed out after 2.00 seconds',
      END,
      `${REPORT}Status: timeout`,
    ]);
    expect((await call('/calls')).body).toBe('1');
  });

  it('counts the memory that was used at most, and keeps counting it', async () => {
    const used = async (target: string) => {
      const answer = await call(target);
      await linesOf(bridge, answer);
      const id = String(answer.headers['x-amzn-requestid']);
      return Number(new RegExp(`REPORT RequestId: ${id}.*Max Memory Used: (\\d+) MB`).exec(bridge.output)?.[1]);
    };
    const before = await used('/calls');
    expect(before).toBeLessThan(60);
    expect(await used('/allocate?mb=80')).toBeGreaterThan(80);
    expect(await used('/calls')).toBeGreaterThan(80);
  });

  it('returns as much as Lambda allows, and not a byte more', async () => {
    const most = await call(`/large?bytes=${MAX}`);
    expect([most.status, most.body.length]).toEqual([200, MAX - 2]);
    const more = await call(`/large?bytes=${MAX + 1}`);
    expect([more.status, more.headers['x-lull-error']]).toEqual([502, 'ResponseTooLarge']);
    expect((await linesOf(bridge, more)).at(-1)).toBe(`${REPORT}Status: error\tError Type: Function.ResponseSizeTooLarge`);
    expect((await call('/tmp')).body).toBe('kept');
  });

  it('says of what cannot be serialized that it cannot', async () => {
    const answer = await call('/unserializable');
    expect(answer.status).toBe(502);
    expect((await linesOf(bridge, answer)).at(-1)).toBe(`${REPORT}Status: error\tError Type: Runtime.MarshalError`);
  });
});

describe('awslambdaric, in other circumstances', { timeout: 60_000 }, () => {
  const bridges: Bridge[] = [];
  afterAll(() => {
    for (const bridge of bridges) bridge.kill();
  });
  async function python(handler: string, env: Record<string, string> = {}): Promise<Bridge> {
    const bridge = await start(await pythonClient(), handler, env);
    bridges.push(bridge);
    return bridge;
  }

  it('writes nothing but JSON when it is asked to', async () => {
    const bridge = await python('handlers.handler', { LULL_LOG_FORMAT: 'JSON', AWS_EXECUTION_ENV: 'AWS_Lambda_python3.11' });
    const answer = await bridge.callByActivator({ path: '/print' });
    const lines = await until('the report', () => {
      const all = bridge.output.split('\n').filter((line) => line !== '');
      return Promise.resolve(all.some((line) => line.includes('platform.report')) ? all : undefined);
    });
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const requestId = answer.headers['x-amzn-requestid'];
    expect(events[0]).toMatchObject({ type: 'platform.initStart', record: { runtimeVersion: 'python:3.11' } });
    expect(events.filter(({ logger }) => logger !== 'lull').slice(1)).toEqual([
      expect.objectContaining({ type: 'platform.start', record: { requestId, version: '$LATEST' } }),
      expect.objectContaining({ level: 'INFO', message: 'to stdout', requestId }),
      expect.objectContaining({ level: 'INFO', message: 'to stderr', requestId }),
      // By Python's own formatter.
      expect.objectContaining({ level: 'WARNING', message: 'by logging', requestId, logger: 'root' }),
      expect.objectContaining({ level: 'INFO', message: 'last', requestId }),
      expect.objectContaining({ type: 'platform.report', record: expect.objectContaining({ requestId, status: 'success' }) }),
    ]);
  });

  it('tells a handler that cannot be loaded as AWS does', async () => {
    const bridge = await python('nothing.handler');
    const answer = await bridge.callByActivator({ path: '/' });
    expect([answer.status, answer.headers['x-lull-error']]).toEqual([502, 'InitFailed']);
    expect(await linesOf(bridge, answer)).toEqual([START, END, `${REPORT}Status: error\tError Type: Runtime.ImportModuleError`]);
    expect(bridge.output).toMatch(
      /INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError/,
    );
  });
});

describe('aws-lambda-ric', { timeout: 60_000 }, () => {
  let plain: Bridge;
  let streaming: Bridge;
  beforeAll(async () => {
    const command = await nodeClient();
    plain = await start(command, 'handlers.handler', { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' });
    streaming = await start(command, 'handlers.streaming');
  }, 60_000);
  afterAll(() => {
    plain.kill();
    streaming.kill();
  });

  it('has every field of the context', async () => {
    const answer = await plain.callByActivator({ path: '/context' });
    const context = JSON.parse(answer.body) as Record<string, unknown>;
    expect(context).toMatchObject({ requestId: answer.headers['x-amzn-requestid'], name: 'f', memory: '256' });
    expect(context['remaining']).toBeGreaterThan(1500);
    expect(context['remaining']).toBeLessThanOrEqual(2000);
  });

  it('logs, raises and exits', async () => {
    const printed = await plain.callByActivator({ path: '/print' });
    expect(await linesOf(plain, printed)).toEqual([START, 'TIME\tID\tINFO\tto the log', 'TIME\tID\tERROR\tan error, too', END, REPORT]);
    const raised = await plain.callByActivator({ path: '/raise' });
    expect((await linesOf(plain, raised))[1]).toMatch(
      /^TIME\tID\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"not that"/,
    );
    const left = await plain.callByActivator({ path: '/exit' });
    expect((await linesOf(plain, left)).slice(1, 3)).toEqual([
      'RequestId: ID Error: Runtime exited with error: exit status 3',
      'Runtime.ExitError',
    ]);
    expect((await plain.callByActivator({ path: '/undefined' })).body).toBe('null');
    expect((await plain.callByActivator({ path: `/large?bytes=${MAX + 1}` })).headers['x-lull-error']).toBe('ResponseTooLarge');
  });

  it('streams, with status, headers and cookies, and without', async () => {
    const answer = await streaming.callByActivator({ path: '/slowly?ms=300' });
    expect([answer.status, answer.body]).toEqual([201, 'first second']);
    expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'x-streamed': 'yes', 'set-cookie': ['a=b', 'c=d'] });
    // What came first was passed on at once.
    expect(answer.millis - answer.firstByteMillis).toBeGreaterThan(250);
    const plainAnswer = await streaming.callByActivator({ path: '/plain' });
    expect([plainAnswer.status, plainAnswer.headers['content-type'], plainAnswer.body]).toEqual([200, 'text/html', '<p>plain']);
    const empty = await streaming.callByActivator({ path: '/' });
    expect([empty.status, empty.body]).toEqual([200, '']);
  });

  it('streams more than a response may hold', async () => {
    const answer = await streaming.callByActivator({ path: '/large?mb=20' });
    expect([answer.status, answer.body.length]).toEqual([201, 20 << 20]);
  });

  it('an error before the first byte is an answer, and one later breaks the answer off', async () => {
    const early = await streaming.callByActivator({ path: '/early-error' });
    expect([early.status, early.headers['x-lull-error']]).toEqual([502, 'HandlerError']);
    const bad = await streaming.callByActivator({ path: '/bad-prelude' });
    expect([bad.status, bad.headers['x-lull-error']]).toEqual([502, 'InvalidResponse']);
    for (const target of ['/late-error', '/late-exit', '/hang'])
      await expect(streaming.callByActivator({ path: target }), target).rejects.toThrow(/aborted/);
    await vi.waitFor(() => expect(streaming.output).toContain('Task timed out after 2.00 seconds'));
    expect(streaming.output).toContain('RangeError: in the middle');
    expect((await streaming.callByActivator({ path: '/slowly?ms=1' })).status).toBe(201);
  });
});
