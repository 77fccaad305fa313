import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/wait.ts';
import { Bridge } from '../testing/bridge.ts';
import { extensionsDir, printedBy } from '../testing/extensions.ts';

/** What subscribers get, of a handler and an extension that are processes. */
interface Event {
  time: string;
  type: string;
  record: Record<string, unknown> | string;
}

let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

async function subscribed(path: string, body: object, env: Record<string, string> = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'lull-telemetry-')), 'events');
  bridge = await Bridge.start({
    control: '127.0.0.1:1',
    http: '127.0.0.1:1',
    env: { LULL_EXTENSIONS_DIR: extensionsDir({ listener: { subscribe: { path, file, body } } }), LULL_TIMEOUT_SECONDS: '1', ...env },
  });
  const events = (): Event[] => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    return lines.map((line) => JSON.parse(line) as Event);
  };
  const reported = (count: number) =>
    until(`${count} reports`, () =>
      Promise.resolve(events().filter(({ type }) => type === 'platform.report').length >= count ? events() : undefined),
    );
  return { pod: bridge, events, reported };
}

const N = expect.any(Number) as number;

describe('the Telemetry API', { timeout: 20_000 }, () => {
  it('tells the whole life of an environment', async () => {
    const { pod, reported } = await subscribed(
      '/2022-07-01/telemetry',
      { schemaVersion: '2022-12-13', types: ['platform', 'function'] },
      { AWS_EXECUTION_ENV: 'AWS_Lambda_python3.11' },
    );
    const answer = await pod.callByActivator({ path: '/hello' });
    const requestId = answer.headers['x-amzn-requestid'];
    const events = await reported(1);
    const tracing = { type: 'X-Amzn-Trace-Id', value: expect.stringMatching(/^Root=1-/) as string };
    const init = { initializationType: 'on-demand', phase: 'init' };
    expect(events.map(({ type, record }) => ({ type, record }))).toEqual([
      {
        type: 'platform.initStart',
        record: {
          ...init,
          runtimeVersion: 'python:3.11',
          runtimeVersionArn: 'arn:aws:lambda:us-east-1::runtime:python3.11',
          functionName: 'f',
          functionVersion: '$LATEST',
        },
      },
      { type: 'platform.telemetrySubscription', record: { name: 'listener', state: 'Subscribed', types: ['platform', 'function'] } },
      { type: 'platform.initRuntimeDone', record: { ...init, status: 'success' } },
      { type: 'platform.extension', record: { name: 'listener', state: 'Ready', events: ['INVOKE', 'SHUTDOWN'] } },
      { type: 'platform.initReport', record: { ...init, status: 'success', metrics: { durationMs: N } } },
      { type: 'platform.start', record: { requestId, version: '$LATEST', tracing } },
      { type: 'function', record: 'ran /hello' },
      {
        type: 'platform.runtimeDone',
        record: {
          requestId,
          status: 'success',
          metrics: { durationMs: N, producedBytes: N },
          spans: ['responseLatency', 'responseDuration', 'runtimeOverhead'].map((name) => ({
            name,
            start: expect.any(String) as string,
            durationMs: N,
          })),
          tracing,
        },
      },
      {
        type: 'platform.report',
        record: {
          requestId,
          status: 'success',
          metrics: { durationMs: N, billedDurationMs: N, memorySizeMB: 128, maxMemoryUsedMB: N, initDurationMs: N },
          tracing,
        },
      },
    ]);
    for (const { time } of events) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(pod.output).toContain('TELEMETRY\tName: listener\tState: Subscribed\tTypes: [Platform, Function]');
  });

  it('tells what an extension prints, and what is JSON in a log of JSON as an object', async () => {
    const { pod, events } = await subscribed(
      '/2022-07-01/telemetry',
      { schemaVersion: '2025-01-29', types: ['extension'] },
      { LULL_LOG_FORMAT: 'JSON' },
    );
    await pod.callByActivator();
    await until('the event', () =>
      Promise.resolve(events().some(({ record }) => String(record).startsWith('event 200')) ? true : undefined),
    );
    expect(events().every(({ type }) => type === 'extension')).toBe(true);
  });

  it('tells of a timeout', async () => {
    const { pod, reported } = await subscribed('/2022-07-01/telemetry', { schemaVersion: '2022-12-13', types: ['platform'] });
    await pod.callByActivator({ path: '/?ms=60000' });
    const events = await reported(1);
    const record = (type: string) => events.find((event) => event.type === type)?.record;
    expect(record('platform.runtimeDone')).toMatchObject({ status: 'timeout', errorType: 'Sandbox.Timedout' });
    expect(record('platform.report')).toMatchObject({ status: 'timeout' });
  });

  it.each([
    [{ schemaVersion: '2022-12-13', types: [] }, 400, 'ValidationError'],
    [
      { schemaVersion: '2022-12-13', types: ['function'], destination: { protocol: 'HTTP', URI: 'http://example.com:1/' } },
      400,
      'ValidationError',
    ],
  ])('refuses %j', async (body, status, type) => {
    const { pod } = await subscribed('/2022-07-01/telemetry', body);
    await pod.callByActivator();
    const line = await until('the answer', () =>
      Promise.resolve(printedBy(pod.output, 'listener').find((one) => one.startsWith('subscribed'))),
    );
    expect(line).toMatch(new RegExp(`^subscribed ${status} .*"errorType":"${type}"`));
  });
});

describe('the Logs API', { timeout: 20_000 }, () => {
  it('tells what it told before there was telemetry', async () => {
    const { pod, reported } = await subscribed('/2020-08-15/logs', { schemaVersion: '2021-03-18', types: ['platform', 'function'] });
    const answer = await pod.callByActivator({ path: '/hello' });
    const requestId = answer.headers['x-amzn-requestid'];
    const events = await reported(1);
    expect(events.map(({ type, record }) => ({ type, record }))).toEqual([
      { type: 'platform.logsSubscription', record: { name: 'listener', state: 'Subscribed', types: ['platform', 'function'] } },
      { type: 'platform.extension', record: { name: 'listener', state: 'Ready', events: ['INVOKE', 'SHUTDOWN'] } },
      { type: 'platform.start', record: { requestId, version: '$LATEST' } },
      { type: 'function', record: 'ran /hello' },
      { type: 'platform.runtimeDone', record: { requestId, status: 'success' } },
      { type: 'platform.end', record: { requestId } },
      {
        type: 'platform.report',
        record: { requestId, metrics: { durationMs: N, billedDurationMs: N, memorySizeMB: 128, maxMemoryUsedMB: N, initDurationMs: N } },
      },
    ]);
    expect(pod.output).toContain('LOGS\tName: listener\tState: Subscribed\tTypes: [Platform, Function]');
  });
});
