import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { podsOf, pythonFunction, untilNoPods, untilReady, withNamespace } from '../support/functions.ts';
import { call, callAt, lullUrl } from '../support/http.ts';
import { apply, getJson, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-hello';
const source = readFileSync(path.resolve(import.meta.dirname, '../../examples/hello/lambda_function.py'), 'utf8');

describe('the hello handler of AWS, unchanged', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(pythonFunction('hello', ns, source, { scale: { idleSeconds: 4 } }));
  });
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it('is Ready at zero pods', async () => {
    const fn = await untilReady('hello', ns);
    expect(fn.status?.url).toBe(`http://hello.${ns}.lull.localhost`);
    expect(await podsOf('hello', ns)).toEqual([]);
  });

  it('wakes for a request and says how long each part took', async () => {
    const answer = await call('hello', ns, { path: '/some/path?x=1', headers: { 'x-request-id': 'e2e-hello-1' } });
    expect(answer.body).toBe('Hello, World!');
    expect(answer.status).toBe(200);
    expect(answer.headers['x-request-id']).toBe('e2e-hello-1');
    expect(answer.headers['server-timing']).toMatch(/cold;dur=.*patch;dur=.*announce;dur=.*handler;dur=/);
    expect(answer.millis).toBeLessThan(10_000);
  });

  it('answers by path and by in-cluster name too', async () => {
    const url = lullUrl();
    const byPath = await callAt(url.hostname, Number(url.port || 80), { path: `/${ns}/hello/some/path` });
    expect([byPath.status, byPath.body]).toEqual([200, 'Hello, World!']);
    const byName = await callAt(url.hostname, Number(url.port || 80), { headers: { host: `hello.${ns}.svc.cluster.local` } });
    expect([byName.status, byName.body]).toEqual([200, 'Hello, World!']);
  });

  it('logs what the handler prints', async () => {
    const logs = await until('the printed event', async () => {
      const text = await must(['logs', '-n', ns, '-l', 'lull.dev/function=hello', '--tail=-1']);
      return text.includes('/some/path') ? text : undefined;
    });
    expect(logs).toMatch(/'rawPath': '\/some\/path'/);
    expect(logs).toMatch(/'rawQueryString': 'x=1'/);
  });

  it('runs in a pod without volumes, without a token, under restricted Pod Security', async () => {
    const pods = await getJson<{ items: { spec: { volumes?: unknown[]; automountServiceAccountToken?: boolean } }[] }>([
      'pods',
      '-n',
      ns,
      '-l',
      'lull.dev/function=hello',
    ]);
    expect(pods.items.length).toBe(1);
    expect(pods.items[0]?.spec.volumes).toBeUndefined();
    expect(pods.items[0]?.spec.automountServiceAccountToken).toBe(false);
  });

  it('goes back to zero after its idle time', async () => {
    await untilNoPods('hello', ns, 60_000);
    const fn = await getJson<{ status: { scale?: { desired: number; reason: string } } }>(['fn', 'hello', '-n', ns]);
    expect(fn.status.scale?.desired).toBe(0);
    expect(fn.status.scale?.reason).toMatch(/zero|idle/i);
  });

  it('leaves nothing behind when deleted', async () => {
    await must(['delete', 'fn', 'hello', '-n', ns]);
    await until('no object of the function', async () => {
      const left = await must([
        'get',
        'deployments,replicasets,services,networkpolicies,pods,controllerrevisions',
        '-n',
        ns,
        '-l',
        'lull.dev/function=hello',
        '-o',
        'name',
      ]);
      return left.trim() === '' ? true : undefined;
    });
    expect((await call('hello', ns)).status).toBe(404);
  });
});
