import { afterEach, expect, it, vi } from 'vitest';
import { until } from '../../test/support/wait.ts';
import { Bridge } from './testing/bridge.ts';
import { requestLines } from './testing/log-lines.ts';

let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

it('a process that goes on after its answer has the time of its request for that, and no more', async () => {
  bridge = await Bridge.start({ control: '127.0.0.1:1', http: '127.0.0.1:1', env: { LULL_TIMEOUT_SECONDS: '1' } });
  const lingering = await bridge.callByActivator({ path: '/?linger=1' });
  expect(lingering.status).toBe(200);
  await until('the process is ended', async () =>
    (await bridge?.metric('lull_bridge_handler_restarts_total{reason="timeout"}')) === 1 ? true : undefined,
  );
  expect((await bridge.callByActivator({ path: '/next' })).status).toBe(200);
  const id = String(lingering.headers['x-amzn-requestid']);
  await vi.waitFor(() => expect(bridge?.output).toContain(`REPORT RequestId: ${id}`));
  expect(requestLines(bridge.output, id)).toEqual([
    'START RequestId: ID Version: $LATEST',
    'ran /',
    'TIME ID Task timed out after 1.00 seconds',
    'END RequestId: ID',
    'REPORT RequestId: ID\tDuration: N ms\tBilled Duration: N ms\tMemory Size: 128 MB\tMax Memory Used: N MB\tInit Duration: N ms\tStatus: timeout',
  ]);
});
