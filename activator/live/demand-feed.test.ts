import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DemandMessage, demandToken, type Loads } from '../../common/api/demand.ts';
import { splitHostPort } from '../../common/host-port.ts';
import { fnObject, KEY, Rig } from '../testing/rig.ts';

describe('what activators tell the autoscaler', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  const ask = (path: string, token = demandToken(KEY)): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get({ ...splitHostPort(rig.controlAddress), path, agent: false, headers: { authorization: `Bearer ${token}` } }, resolve).on(
        'error',
        reject,
      );
    });
  async function listen(): Promise<{ heard: DemandMessage[]; last: (key: string) => readonly number[] | undefined }> {
    const res = await ask('/v1/demand');
    expect(res.statusCode).toBe(200);
    const heard: DemandMessage[] = [];
    createInterface({ input: res }).on('line', (line) => heard.push(JSON.parse(line) as DemandMessage));
    res.on('error', () => undefined);
    return { heard, last: (key) => heard.findLast(({ functions }) => functions[key])?.functions[key] };
  }

  it('tells of held requests within 200 ms, and of the end of them', async () => {
    rig = new Rig();
    await rig.listen();
    rig.add(fnObject('f', { concurrency: 10 }));
    const { heard, last } = await listen();
    const calls = Array.from({ length: 30 }, () => rig.call('f').catch(() => undefined));
    const begun = performance.now();
    await vi.waitFor(() => expect(last('ns/f')?.slice(0, 2)).toEqual([30, 0]), { interval: 5 });
    expect(performance.now() - begun).toBeLessThan(400);
    rig.plane.table.get('ns/f')?.refuseAll('FunctionStopped');
    await Promise.all(calls);
    await vi.waitFor(() => expect(last('ns/f')?.slice(0, 2)).toEqual([0, 0]));
    expect(last('ns/f')?.[2]).toBeGreaterThan(0);
    // Then there is nothing to tell of it any more, but the connection shows that it stands.
    const count = heard.filter(({ functions }) => functions['ns/f']).length;
    const messages = heard.length;
    await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(messages + 2), { timeout: 4000 });
    expect(heard.filter(({ functions }) => functions['ns/f']).length - count).toBeLessThanOrEqual(1);
  });

  it('tells one that comes late what there is already, and which pods are busy', async () => {
    rig = new Rig();
    await rig.listen();
    rig.add(fnObject('f', { concurrency: 2 }), 1);
    await rig.pod('f', (_req, res) => setTimeout(() => res.end('ok'), 1500));
    const call = rig.call('f');
    await vi.waitFor(() => expect(rig.plane.table.get('ns/f')?.pods.get('pod-1')?.running).toBe(1));
    const { last } = await listen();
    await vi.waitFor(() => expect(last('ns/f')?.slice(0, 2)).toEqual([0, 1]));
    const res = await ask('/v1/loads/ns/f');
    const body = JSON.parse((await res.toArray()).join('')) as Loads;
    expect(body).toEqual({ pods: { 'pod-1': 1 } });
    expect((await call).status).toBe(200);
  });

  it('tells nobody without the token, and nothing of a function that it does not know', async () => {
    rig = new Rig();
    await rig.listen();
    for (const path of ['/v1/demand', '/v1/loads/ns/f']) {
      const res = await ask(path, 'wrong');
      expect(res.statusCode).toBe(401);
      res.resume();
    }
    const res = await ask('/v1/loads/ns/none');
    expect(JSON.parse((await res.toArray()).join(''))).toEqual({ pods: {} });
  });
});
