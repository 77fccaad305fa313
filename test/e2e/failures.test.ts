import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonFunction, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-failures';

const MISCHIEF = `
import os, sys, time
def lambda_handler(event, context):
    path = event['rawPath']
    if path == '/raise':
        raise KeyError('no such thing')
    if path == '/exit':
        sys.exit(3)
    if path == '/kill':
        os.kill(os.getpid(), 9)
    if path == '/memory':
        hog = []
        while True:
            hog.append(bytearray(8 << 20))
    if path == '/hang':
        time.sleep(60)
    if path == '/shape':
        return {'statusCode': 'abc'}
    return {'statusCode': 200, 'body': 'fine'}
`;

describe('handlers that misbehave', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    const resources = { limits: { memory: '160Mi' } };
    await apply(pythonFunction('mischief', ns, MISCHIEF, { timeoutSeconds: 3, resources, scale: { idleSeconds: 30 } }));
    await untilReady('mischief', ns);
  });
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  const cases: [string, number, number][] = [
    ['/raise', 502, 2500],
    ['/exit', 502, 2500],
    ['/kill', 502, 2500],
    ['/memory', 502, 15_000],
    ['/hang', 504, 4500],
    ['/shape', 502, 2500],
  ];
  it.each(cases)('%s is answered %i within %i ms, and the next request works', { timeout: 60_000 }, async (path, status, within) => {
    expect((await call('mischief', ns)).body).toBe('fine');
    const answer = await call('mischief', ns, { path });
    expect(answer.status).toBe(status);
    expect(answer.millis).toBeLessThan(within);
    expect(answer.headers['x-lull-error']).toBeDefined();
    const next = await call('mischief', ns);
    expect([next.status, next.body]).toEqual([200, 'fine']);
  });

  it('names the type of the exception in the log', async () => {
    await call('mischief', ns, { path: '/raise' });
    await until('KeyError in the log', async () =>
      (await must(['logs', '-n', ns, '-l', 'lull.dev/function=mischief', '--tail=-1'])).includes('KeyError') ? true : undefined,
    );
  });

  it('a handler that cannot be imported is answered 502, not left waiting', { timeout: 60_000 }, async () => {
    await apply(
      pythonFunction('broken', ns, 'import no_such_module\ndef lambda_handler(e, c):\n    return 1\n', { scale: { idleSeconds: 10 } }),
    );
    await untilReady('broken', ns);
    const answer = await call('broken', ns);
    expect(answer.status).toBe(502);
    await until('the reason in the log', async () =>
      (await must(['logs', '-n', ns, '-l', 'lull.dev/function=broken', '--tail=-1'])).includes('no_such_module') ? true : undefined,
    );
  });
});
