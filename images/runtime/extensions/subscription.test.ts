import { describe, expect, it } from 'vitest';
import { parseSubscription, type TelemetryApi } from './subscription.ts';

const http = { protocol: 'HTTP', URI: 'http://sandbox.localdomain:8080/logs?a=1' };
const body = (parts: object): string => JSON.stringify({ schemaVersion: '2022-12-13', types: ['platform'], destination: http, ...parts });

describe('parseSubscription', () => {
  it('reads what AWS documents, and takes its defaults', () => {
    expect(parseSubscription('telemetry', body({ types: ['platform', 'function', 'extension'] }))).toEqual({
      api: 'telemetry',
      schemaVersion: '2022-12-13',
      types: ['platform', 'function', 'extension'],
      destination: { protocol: 'HTTP', method: 'POST', port: 8080, host: 'sandbox.localdomain:8080', path: '/logs?a=1' },
      maxItems: 10_000,
      maxBytes: 262_144,
      timeoutMillis: 1000,
    });
    const buffering = { maxItems: 1000, maxBytes: 1_048_576, timeoutMs: 25 };
    expect(parseSubscription('telemetry', body({ buffering }))).toMatchObject({ maxItems: 1000, maxBytes: 1_048_576, timeoutMillis: 25 });
  });

  it('sends to a port by TCP, and by PUT where the Logs API is told so', () => {
    expect(parseSubscription('telemetry', body({ destination: { protocol: 'TCP', port: 1234 } })).destination).toEqual({
      protocol: 'TCP',
      port: 1234,
    });
    const put = { protocol: 'HTTP', method: 'PUT', encoding: 'JSON', URI: 'http://sandbox:1/' };
    expect(parseSubscription('logs', JSON.stringify({ types: ['function'], destination: put }))).toMatchObject({
      api: 'logs',
      schemaVersion: '2020-08-15',
      destination: { method: 'PUT', port: 1 },
    });
  });

  it.each<[TelemetryApi, string, string]>([
    ['telemetry', '[]', 'the body is no JSON object'],
    ['telemetry', '{', 'JSON'],
    ['telemetry', body({ schemaVersion: '2021-03-18' }), 'schemaVersion should be one of 2022-07-01, 2022-12-13, 2025-01-29'],
    ['logs', body({}), 'schemaVersion should be one of 2020-08-15, 2021-03-18'],
    ['telemetry', body({ types: [] }), 'types should not be empty'],
    ['telemetry', body({ types: ['all'] }), 'types has "all"'],
    ['telemetry', body({ destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain' } }), 'URI port is not provided'],
    ['telemetry', body({ destination: { protocol: 'HTTP', URI: 'http://192.0.2.1:80' } }), 'URI host should be sandbox.localdomain'],
    ['telemetry', body({ destination: { protocol: 'HTTP', URI: 'nowhere' } }), 'URI is not valid'],
    ['telemetry', body({ destination: { protocol: 'HTTP', URI: 'https://sandbox:443' } }), 'URI is not valid'],
    ['telemetry', body({ destination: { protocol: 'TCP' } }), 'destination.port is not provided'],
    ['telemetry', body({ destination: { protocol: 'UDP', port: 1 } }), 'destination.protocol should be HTTP or TCP'],
    ['telemetry', body({ buffering: { maxItems: 999 } }), 'buffering.maxItems should be 1000 to 10000'],
    ['telemetry', body({ buffering: { maxBytes: 1_048_577 } }), 'buffering.maxBytes should be 262144 to 1048576'],
    ['telemetry', body({ buffering: { timeoutMs: '25' } }), 'buffering.timeoutMs should be 25 to 30000'],
  ])('%s %s: %s', (api, text, message) => {
    expect(() => parseSubscription(api, text)).toThrow(message);
  });
});
