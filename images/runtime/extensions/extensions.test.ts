import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/wait.ts';
import { Bridge } from '../testing/bridge.ts';
import { type ExtensionScript, eventsOf, extensionsDir, printedBy } from '../testing/extensions.ts';
import { logLines, requestLines } from '../testing/log-lines.ts';

/** Extensions as processes beside a handler that is one, too. */
let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

async function start(extensions: Record<string, ExtensionScript>, env: Record<string, string> = {}, concurrency = 1): Promise<Bridge> {
  const started = Bridge.start({
    control: '127.0.0.1:1',
    http: '127.0.0.1:1',
    concurrency,
    // Without direct callers a drain waits for 1 s of quiet instead of 3.
    env: { LULL_EXTENSIONS_DIR: extensionsDir(extensions), LULL_DIRECT_PORT: '0', ...env },
  });
  bridge = await started;
  return bridge;
}

const texts = (output: string, label: string): string[] =>
  logLines(output)
    .filter((line) => line.label === label)
    .map(({ text }) => text);
const printed = (of: Bridge, name: string, begin: string) =>
  until(`${name} prints ${begin}`, () => Promise.resolve(printedBy(of.output, name).find((line) => line.startsWith(begin))));

describe('an external extension', { timeout: 20_000 }, () => {
  it('registers before the handler loads, is told of each invocation, and of the end', async () => {
    const pod = await start({ watcher: {} });
    const first = await pod.callByActivator({ path: '/one' });
    await pod.callByActivator({ path: '/two' });
    await until('two events', () => Promise.resolve(eventsOf(pod.output, 'watcher').length === 2 ? true : undefined));
    pod.drain();
    expect(await pod.ended).toBe(0);
    expect(printedBy(pod.output, 'watcher')).toEqual([
      'registered 200 {"functionName":"f","functionVersion":"$LATEST","handler":"handler.handler","accountId":"000000000000"}',
      expect.stringMatching(/^event 200 .*"eventType":"INVOKE".* ID$/),
      expect.stringMatching(/^event 200 .*"eventType":"INVOKE".* ID$/),
      expect.stringMatching(/^event 200 .*"eventType":"SHUTDOWN".* ID$/),
      'goes',
    ]);
    const [one, two, last] = eventsOf(pod.output, 'watcher');
    expect(one).toEqual({
      eventType: 'INVOKE',
      deadlineMs: expect.any(Number),
      requestId: first.headers['x-amzn-requestid'],
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      tracing: { type: 'X-Amzn-Trace-Id', value: expect.stringMatching(/^Root=1-/) },
    });
    expect(two?.['requestId']).not.toBe(one?.['requestId']);
    expect(last).toEqual({ eventType: 'SHUTDOWN', shutdownReason: 'spindown', deadlineMs: expect.any(Number) });
    const init = texts(pod.output, 'init');
    expect(init).toContain('EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]');
    const order = logLines(pod.output).map(({ label }) => label);
    expect(order.indexOf('extension/watcher')).toBeLessThan(order.indexOf(String(first.headers['x-amzn-requestid'])));
  });

  it('has the environment of the function, without what is the runtime’s', async () => {
    const pod = await start({ watcher: {} }, { MINE: 'too', AWS_EXECUTION_ENV: 'AWS_Lambda_python3.11' });
    await pod.callByActivator();
    const env = JSON.parse(
      texts(pod.output, 'extension/watcher')
        .find((line) => line.startsWith('environment '))
        ?.slice(12) ?? '',
    ) as object;
    expect(env).toMatchObject({
      MINE: 'too',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_REGION: 'us-east-1',
    });
    const names = Object.keys(env);
    for (const name of ['_HANDLER', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_LOG_GROUP_NAME'])
      expect(names).not.toContain(name);
    expect(names.filter((name) => name.startsWith('LULL_'))).toEqual([]);
  });

  it('does not hold the answer back, but the next invocation, and is in the REPORT', async () => {
    const pod = await start({ slow: { afterInvoke: 400 } });
    await pod.callByActivator();
    await printed(pod, 'slow', 'event 200');
    const begun = performance.now();
    const second = await pod.callByActivator({ path: '/second' });
    const third = await pod.callByActivator({ path: '/third' });
    expect(performance.now() - begun).toBeGreaterThan(500);
    // It waited for the extension before it and not for its own.
    expect(third.millis).toBeGreaterThan(300);
    expect(third.millis).toBeLessThan(700);
    const id = String(second.headers['x-amzn-requestid']);
    const report = await until('the REPORT', () => Promise.resolve(texts(pod.output, id).find((line) => line.startsWith('REPORT'))));
    expect(Number(/Duration: ([\d.]+)/.exec(report)?.[1])).toBeGreaterThan(390);
  });

  it('that is not done in time ends the environment as by a timeout, and is told so', async () => {
    const pod = await start({ stuck: { afterInvoke: 60_000 }, other: {} }, { LULL_TIMEOUT_SECONDS: '3' });
    const answer = await pod.callByActivator();
    expect(answer.status).toBe(200);
    const id = String(answer.headers['x-amzn-requestid']);
    await until('the timeout', () => Promise.resolve(texts(pod.output, id).find((line) => line.startsWith('REPORT'))));
    expect(requestLines(pod.output, id)).toContain('TIME ID Task timed out after 3.00 seconds');
    await printed(pod, 'other', 'goes');
    expect(eventsOf(pod.output, 'other').at(-1)).toMatchObject({ eventType: 'SHUTDOWN', shutdownReason: 'timeout' });
    // Killed after 1.5 s, when all are started anew.
    await until('the second environment', () =>
      Promise.resolve(printedBy(pod.output, 'stuck').filter((line) => line.startsWith('registered')).length === 2 ? true : undefined),
    );
    expect(eventsOf(pod.output, 'stuck').filter(({ eventType }) => eventType === 'SHUTDOWN')).toEqual([]);
  });

  it.each<[string, ExtensionScript, string, RegExp]>([
    ['crashes at once', { exit: { on: 'start', code: 3 } }, 'Extension.Crash', /exit status 3/],
    ['ends without a word', { exit: { on: 'start', code: 0 } }, 'Extension.Crash', /exit code 0/],
    ['reports an error of its init', { exit: { on: 'init', report: 'init' } }, 'Extension.InitError', /exit status 1/],
    ['reports an error at its end', { exit: { on: 'init', report: 'exit' } }, 'Extension.ExitError', /exit status 1/],
    ['wants an event that there is not', { events: ['RESTORE'] }, 'Extension.Crash', /exit status 1/],
  ])('that %s fails the initialization', async (_, script, type, message) => {
    const pod = await start({ broken: script, other: {} });
    const answer = await pod.callByActivator();
    expect([answer.status, answer.headers['x-lull-error']]).toEqual([502, 'ExtensionFailed']);
    const lines = await until('its lines', () => {
      const all = texts(pod.output, String(answer.headers['x-amzn-requestid']));
      return Promise.resolve(all.some((line) => line.startsWith('ERROR')) ? all : undefined);
    });
    expect(lines.filter((line) => line === type)).toHaveLength(1);
    expect(lines.join('\n')).toMatch(message);
    expect(texts(pod.output, 'init').join('\n')).toMatch(new RegExp(`INIT_REPORT .*Status: error\tError Type: ${type}`));
  });

  it('that cannot be executed fails the initialization', async () => {
    const dir = extensionsDir({ fine: {} });
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${dir}/notes.txt`, 'no program', { mode: 0o644 });
    const pod = await start({}, { LULL_EXTENSIONS_DIR: dir });
    const answer = await pod.callByActivator();
    expect(answer.headers['x-lull-error']).toBe('ExtensionFailed');
    expect(texts(pod.output, 'init')).toContain('EXTENSION\tName: notes.txt\tState: LaunchError\tEvents: []\tError Type: PermissionDenied');
  });

  it('that crashes during an invocation fails it; the others are told, and the next finds all anew', async () => {
    const pod = await start({ broken: { exit: { on: 'INVOKE', code: 7 } }, other: {} });
    const answer = await pod.callByActivator({ path: '/?ms=3000' });
    expect([answer.status, answer.headers['x-lull-error']]).toEqual([502, 'ExtensionFailed']);
    expect(answer.millis).toBeLessThan(2500);
    const id = String(answer.headers['x-amzn-requestid']);
    const report = await until('the REPORT', () => Promise.resolve(texts(pod.output, id).find((line) => line.startsWith('REPORT'))));
    expect(report).toContain('Status: error\tError Type: Extension.Crash');
    expect(texts(pod.output, id)).toContain(`RequestId: ${id} Error: exit status 7`);
    await printed(pod, 'other', 'goes');
    expect(eventsOf(pod.output, 'other').at(-1)).toMatchObject({ eventType: 'SHUTDOWN', shutdownReason: 'failure' });
    await until('a second registration', () =>
      Promise.resolve(printedBy(pod.output, 'other').filter((line) => line.startsWith('registered')).length === 2 ? true : undefined),
    );
  });

  it('that ends between invocations takes the handler with it, until somebody calls', async () => {
    const pod = await start({ fleeting: { exit: { on: 'ready', code: 0 } } });
    await until('the end', () =>
      Promise.resolve(pod.output.includes('the environment failed: extension fleeting: exit code 0') ? true : undefined),
    );
    const before = printedBy(pod.output, 'fleeting').length;
    expect((await pod.callByActivator()).status).toBe(200);
    expect(printedBy(pod.output, 'fleeting').length).toBeGreaterThan(before);
  });

  it('is told of a handler that crashed', async () => {
    const pod = await start({ watcher: {} }, { LULL_TIMEOUT_SECONDS: '3' });
    expect((await pod.callByActivator({ path: '/?ms=60000' })).status).toBe(504);
    await printed(pod, 'watcher', 'goes');
    expect(eventsOf(pod.output, 'watcher').at(-1)).toMatchObject({ eventType: 'SHUTDOWN', shutdownReason: 'timeout' });
    expect((await pod.callByActivator()).status).toBe(200);
  });

  it('that does not end when told is killed', async () => {
    const pod = await start({ slow: { afterShutdown: 60_000 }, deaf: { events: [] } });
    await pod.callByActivator();
    pod.drain();
    const begun = performance.now();
    expect(await pod.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(6000);
    expect(printedBy(pod.output, 'deaf').filter((line) => line.startsWith('event'))).toEqual([]);
    expect(printedBy(pod.output, 'slow')).not.toContain('goes');
  });
});

describe('with several handler processes', { timeout: 20_000 }, () => {
  it('an extension lives with the pod: it may hear of its end, and of nothing else', async () => {
    const pod = await start({ watcher: { events: ['SHUTDOWN'] } }, { LULL_TIMEOUT_SECONDS: '3' }, 2);
    const both = await Promise.all([pod.callByActivator({ path: '/?ms=300' }), pod.callByActivator({ path: '/?ms=60000' })]);
    expect(both.map(({ status }) => status)).toEqual([200, 504]);
    expect((await pod.callByActivator()).status).toBe(200);
    pod.drain();
    await pod.ended;
    expect(printedBy(pod.output, 'watcher').map((line) => line.slice(0, 14))).toEqual(['registered 200', 'event 200 {"ev', 'goes']);
    expect(eventsOf(pod.output, 'watcher')).toEqual([
      { eventType: 'SHUTDOWN', shutdownReason: 'spindown', deadlineMs: expect.any(Number) },
    ]);
  });

  it('INVOKE is refused, as by AWS where there are several', async () => {
    const pod = await start({ watcher: {} }, {}, 2);
    expect((await pod.callByActivator()).headers['x-lull-error']).toBe('ExtensionFailed');
    expect(printedBy(pod.output, 'watcher')).toEqual(
      expect.arrayContaining([expect.stringContaining('registered 403 {"errorMessage":"INVOKE: ErrorInvalidEventType"')]),
    );
  });
});
