import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lullFunction, untilNoPods, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, getJson, kubectl } from '../support/kubectl.ts';

const ns = 'e2e-http';
const image = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';

interface Echo {
  count: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  env: string | null;
}

describe('any HTTP server as a function', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    const resources = { requests: { cpu: '10m' }, limits: { memory: '200Mi' } };
    await apply(
      lullFunction('web', ns, {
        protocol: 'http',
        port: 3000,
        code: { image },
        env: [{ name: 'GREETING', value: 'hi' }],
        resources,
        timeoutSeconds: 2,
        scale: { idleSeconds: 4 },
      }),
    );
    await untilReady('web', ns);
  });
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it('wakes, and sees the request as it was sent', async () => {
    const answer = await call('web', ns, {
      method: 'POST',
      path: '/a%20b?c=d&c=e',
      body: 'text',
      headers: { 'X-Custom': 'V', cookie: 'a=b' },
    });
    expect(answer.status).toBe(200);
    const echo = JSON.parse(answer.body) as Echo;
    expect(echo).toMatchObject({ method: 'POST', path: '/a%20b?c=d&c=e', env: 'hi' });
    expect(echo.headers).toMatchObject({ 'x-custom': 'V', cookie: 'a=b', host: `web.${ns}.lull.localhost`, 'content-length': '4' });
    expect(echo.headers['x-forwarded-for']).toBeDefined();
    expect(answer.headers['server-timing']).toContain('cold;dur=');
  });

  it('has its own limits, and Lull’s announcer beside it has others', async () => {
    const { items } = await getJson<{
      items: { spec: { containers: { name: string; resources: { limits: Record<string, string> } }[] } }[];
    }>(['pods', '-n', ns, '-l', 'lull.dev/function=web']);
    expect(items[0]?.spec.containers.map(({ name, resources }) => [name, resources.limits['memory']])).toEqual([
      ['announcer', '96Mi'],
      ['function', '200Mi'],
    ]);
  });

  it('takes many requests at once in one pod, and is ended at its time limit', async () => {
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('web', ns, { path: '/slow?ms=500' })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(3000);
    const late = await call('web', ns, { path: '/slow?ms=10000' });
    expect([late.status, late.headers['x-lull-error']]).toEqual([504, 'FunctionTimeout']);
    expect(late.millis).toBeLessThan(4500);
  });

  it('a server that ends is answered 502, and the next request works', async () => {
    expect((await call('web', ns, { path: '/exit' })).status).toBe(502);
    expect((await call('web', ns)).status).toBe(200);
  });

  it('goes to zero too', async () => {
    await untilNoPods('web', ns, 60_000);
  });
});
