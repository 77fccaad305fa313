import { afterEach, expect, it } from 'vitest';
import { INVOKE_FIELD, LOG_TYPE_FIELD } from '../../common/api/names.ts';
import { Bridge } from './testing/bridge.ts';

let bridge: Bridge | undefined;
afterEach(() => bridge?.kill());

it('who asks for the log of an invocation that could not be loaded is told what the process said', async () => {
  const script = 'console.log("before"); console.error("what is wrong"); process.exit(3)';
  const env = { LULL_COMMAND: JSON.stringify([process.execPath, '-e', script]) };
  bridge = await Bridge.start({ control: '127.0.0.1:1', http: '127.0.0.1:1', env });
  const headers = { [INVOKE_FIELD]: 'RequestResponse', [LOG_TYPE_FIELD]: 'Tail' };
  const answer = await bridge.callByActivator({ method: 'POST', path: '/', headers, body: '{}' });
  const lines = Buffer.from(String(answer.headers['x-amz-log-result']), 'base64').toString().split('\n');
  expect(lines[0]).toMatch(/^START RequestId: /);
  // Two pipes have no order.
  expect(lines.slice(1, 3).sort()).toEqual(['before', 'what is wrong']);
  expect(lines.slice(3)).toEqual([
    expect.stringMatching(/^RequestId: .* Error: Runtime exited with error: exit status 3/),
    'Runtime.ExitError',
    expect.stringMatching(/^END RequestId: /),
    expect.stringMatching(/^REPORT RequestId: .*Status: error\tError Type: Runtime\.ExitError/),
    '',
  ]);
});
