import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { billedMillis, PlatformLog, type Report } from './platform-log.ts';

const id = '8f507cfc-xmpl-4697-b07a-ac58fc914c95';
const now = new Date('2026-11-24T08:12:35.120Z');
const facts = { function: 'f', region: 'eu-central-1', memoryMb: 128, executionEnv: 'AWS_Lambda_python3.11' };
const text = new PlatformLog({ ...facts, format: 'Text' });
const json = new PlatformLog({ ...facts, format: 'JSON' });

function report(parts: Partial<Report> = {}): Report {
  return {
    requestId: id,
    durationMillis: 2.794,
    initMillis: undefined,
    maxMemoryBytes: 32.5 * (1 << 20),
    status: 'success',
    errorType: undefined,
    traceId: 'Root=1-5ab6ae-1',
    ...parts,
  };
}

describe('PlatformLog, text', () => {
  const base = `REPORT RequestId: ${id}\tDuration: 2.79 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: 33 MB\t`;
  it.each<[string, Partial<Report>, string]>([
    ['a success', {}, base],
    ['the first of a process', { initMillis: 130.031 }, `${base.replace('3 ms\tMem', '133 ms\tMem')}Init Duration: 130.03 ms\t`],
    ['a handler that raised', { status: 'error', errorType: 'KeyError' }, base],
    ['a crash', { status: 'error', errorType: 'Runtime.ExitError' }, `${base}Status: error\tError Type: Runtime.ExitError`],
    ['a timeout', { status: 'timeout', errorType: 'Sandbox.Timedout' }, `${base}Status: timeout`],
  ])('%s', (_name, parts, expected) => {
    expect(text.end(now, report(parts))).toEqual([`END RequestId: ${id}`, expected]);
  });

  it('writes what comes before the first invocation, too', () => {
    expect(text.initStart(now)).toBe(
      'INIT_START Runtime Version: python:3.11\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:python3.11',
    );
    expect(text.start(now, id)).toBe(`START RequestId: ${id} Version: $LATEST`);
    expect(text.initReport(now, 12.345, 'error', 'Runtime.ImportModuleError')).toBe(
      'INIT_REPORT Init Duration: 12.35 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError',
    );
    expect(text.initReport(now, 10_000, 'timeout', 'Sandbox.Timedout')).toBe(
      'INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout',
    );
  });

  it.each([
    ['nodejs24.x', 'nodejs:24.x'],
    ['java17', 'java:17'],
    ['provided.al2023', 'provided:al2023'],
    ['provided', 'provided'],
  ])('%s is %s', (runtime, version) => {
    const line = new PlatformLog({ ...facts, format: 'Text', executionEnv: `AWS_Lambda_${runtime}` }).initStart(now);
    expect(line).toContain(`Runtime Version: ${version}\t`);
  });

  it('has no INIT_START for an image that names no runtime', () => {
    for (const executionEnv of ['', 'AWS_Lambda_Image'])
      expect(new PlatformLog({ ...facts, format: 'Text', executionEnv }).initStart(now)).toBeUndefined();
  });
});

describe('PlatformLog, JSON', () => {
  it('is the events of the Telemetry API that a log group shows', () => {
    expect(JSON.parse(json.start(now, id))).toEqual({
      time: '2026-11-24T08:12:35.120Z',
      type: 'platform.start',
      record: { requestId: id, version: '$LATEST' },
    });
    const lines = json.end(now, report({ initMillis: 130.0314, status: 'error', errorType: 'Runtime.ExitError' }));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        time: '2026-11-24T08:12:35.120Z',
        type: 'platform.report',
        record: {
          requestId: id,
          metrics: { durationMs: 2.794, billedDurationMs: 133, memorySizeMB: 128, maxMemoryUsedMB: 33, initDurationMs: 130.031 },
          tracing: { type: 'X-Amzn-Trace-Id', value: 'Root=1-5ab6ae-1' },
          status: 'error',
          errorType: 'Runtime.ExitError',
        },
      },
    ]);
  });
});

it('bills whole milliseconds, never less than was used', () => {
  // Seen on AWS: a REPORT of October 2026.
  expect(billedMillis(1233.96, 463.512)).toBe(1698);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 900_000, noNaN: true }), fc.double({ min: 0, max: 10_000, noNaN: true }), (duration, init) => {
      const billed = billedMillis(duration, init);
      expect(Number.isInteger(billed)).toBe(true);
      expect(billed).toBeGreaterThanOrEqual(duration + init);
      expect(billed - (duration + init)).toBeLessThanOrEqual(1);
    }),
  );
});

describe('the log in JSON', () => {
  function logged(label: string, line: string, level?: 'ERROR'): unknown {
    let out = '';
    createLog('f', 'JSON', (written) => {
      out += written;
    })(label, line, level);
    return JSON.parse(out);
  }

  it('leaves objects as they are, and makes objects of all else', () => {
    expect(logged(id, '{"level":"WARN"}')).toEqual({ level: 'WARN' });
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(logged(id, 'a "line"')).toEqual({ timestamp, level: 'INFO', message: 'a "line"', requestId: id });
    expect(logged(id, '{broken}', 'ERROR')).toEqual({ timestamp, level: 'ERROR', message: '{broken}', requestId: id });
    expect(logged('lull', '[1]')).toEqual({ timestamp, level: 'INFO', message: '[1]', logger: 'lull' });
  });

  it('is one object a line, whatever is printed', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        expect(logged(id, line)).toBeTypeOf('object');
      }),
    );
  });
});
