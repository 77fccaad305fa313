import { Agent } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { callAt } from '../../test/support/http.ts';
import { Bridge } from './testing/bridge.ts';

let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

it('an activator is told that it may use its connection again, and may', async () => {
  bridge = await Bridge.start({ control: '127.0.0.1:1', http: '127.0.0.1:1' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call = (headers: Record<string, string> = {}) =>
    callAt('127.0.0.1', bridge?.port ?? 0, { agent, headers, method: 'POST', body: '{"rawPath":"/"}' });
  const first = await call();
  expect([first.headers.connection, first.headers['keep-alive']]).toEqual(['keep-alive', 'timeout=75']);
  const raw = await call({ 'Lull-Invoke': 'RequestResponse' });
  expect([raw.status, raw.headers['keep-alive']]).toEqual([200, 'timeout=75']);
  agent.destroy();
});
