import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, Rig } from '../../activator/testing/rig.ts';
import { announceToken } from '../../common/api/token.ts';
import { poolSubject } from '../../common/api/warm-pool.ts';
import { addWarm, claims, GenericPod, variables } from '../support/generic-pod.ts';
import { until } from '../support/wait.ts';

describe('a warm pool: activator and pods', () => {
  let rig: Rig;
  const pods: GenericPod[] = [];
  const pod = async (name: string, env: Record<string, string> = {}): Promise<GenericPod> => {
    const one = new GenericPod(rig, name, env);
    pods.push(one);
    const before = rig.plane.warm.free.size;
    await one.ready();
    await until('it is known', async () => rig.plane.warm.free.size > before, 5000, 10);
    return one;
  };
  beforeEach(async () => {
    rig = new Rig();
    await rig.listen();
  });
  afterEach(async () => {
    for (const { process: one } of pods) one.kill('SIGKILL');
    await Promise.all(pods.map(({ ended }) => ended));
    pods.length = 0;
    rig.close();
  });

  it('the first request is answered by a free pod, which is the function’s then, and the ordinary wake follows', async () => {
    const one = await pod('generic-1');
    addWarm(rig, 'f', [{ name: 'GREETING', value: 'hello' }]);
    const answer = await rig.call('f', { path: '/env' });
    expect(answer.status).toBe(200);
    expect(answer.headers['server-timing']).toMatch(/cold;dur=[\d.]+, claim;dur=[\d.]+, handler;dur=/);
    const env = JSON.parse(answer.body) as Record<string, string>;
    expect(env).toMatchObject({
      GREETING: 'hello',
      IMAGE: 'has-this',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_LOG_STREAM_NAME: 'generic-1',
    });
    expect(Object.keys(env).filter((name) => name.startsWith('LULL_'))).toEqual([]);
    expect(await claims(rig, 'claimed')).toBe(1);
    expect(rig.plane.warm.claimedPods()).toEqual({ 'ns/generic-1': { pool: 'pool', function: 'f', revision: 'f-1' } });
    expect(rig.plane.warm.free.size).toBe(0);
    // Later ones go there too, and nothing of it is a cold start.
    expect((await rig.call('f', { path: '/again' })).headers['server-timing']).not.toContain('claim');
    await until('its log says so', async () => one.output.includes('ran /again'));
    await until('the ordinary wake', async () => rig.scaled.length > 0, 2000, 20);
    expect(rig.scaled).toEqual([['ns', 'f-1', 1]]);
  });

  it('a pod is one function’s: another function wakes as ever', async () => {
    await pod('generic-1');
    addWarm(rig, 'f');
    addWarm(rig, 'g');
    expect((await rig.call('f')).status).toBe(200);
    const second = rig.call('g');
    await until('the ordinary wake', async () => rig.scaled.length === 2);
    expect(await claims(rig, 'empty')).toBeGreaterThan(0);
    await rig.pod('g', (_req, res) => res.end('own pod'), 'g-1-x');
    expect((await second).body).toBe('own pod');
  });

  it('a second claim is refused with 409, whoever it comes from', async () => {
    const one = await pod('generic-1');
    const other = new Rig(5000, 1000, { self: 'activator-2' });
    await other.listen();
    // The pod hears of the second activator as of any peer.
    rig.plane.announcements.peersChanged();
    const session = [...Array(2)].map(() => rig.plane.warm.free.take({ namespace: 'ns', pool: 'pool', template: 'template-1' }));
    expect(session[0]).toBeDefined();
    expect(session[1]).toBeUndefined();
    addWarm(rig, 'f');
    const env = Object.fromEntries(
      variables('f')
        .filter(({ value }) => value !== undefined)
        .map(({ name, value }) => [name, value as string]),
    );
    session[0]?.claim({ type: 'claim', id: 'first', function: 'f', revision: 'f-1', env: { ...env, LULL_ACTIVATOR: rig.controlAddress } });
    session[0]?.claim({ type: 'claim', id: 'second', function: 'g', revision: 'g-1', env });
    await until('it is f’s', async () => rig.plane.table.get('ns/f')?.pods.get('generic-1')?.announced);
    expect((await rig.call('f')).status).toBe(200);
    expect(one.output).not.toContain('g-1');
    other.close();
  });

  it('a claim that cannot be met is refused, the pod ends, and the request waits for the ordinary wake', async () => {
    const one = await pod('generic-1');
    addWarm(rig, 'f', [{ name: 'LULL_CORS', value: 'not JSON' }]);
    const call = rig.call('f');
    await until('refused', async () => (await claims(rig, 'refused')) === 1);
    expect(await one.ended).toBe(1);
    expect(one.output).toContain('LULL_CORS must be JSON');
    await rig.pod('f', (_req, res) => res.end('own pod'), 'f-1-x');
    expect((await call).body).toBe('own pod');
  });

  it('variables that an interpreter reads when it starts get one that is started with them', async () => {
    await pod('generic-1');
    addWarm(rig, 'f', [{ name: 'LULL_ENV_NODE_OPTIONS', value: '--no-warnings' }]);
    const answer = await rig.call('f', { path: '/env' });
    expect(JSON.parse(answer.body)).toMatchObject({ NODE_OPTIONS: '--no-warnings', AWS_LAMBDA_FUNCTION_NAME: 'f' });
  });

  it('what comes from a Secret is asked of the function’s own pod, and given to a claimed one afterwards', async () => {
    await pod('generic-1');
    addWarm(rig, 'f', [{ name: 'WORD', valueFrom: { secretKeyRef: {} } }]);
    const first = rig.call('f');
    const own = await rig.pod('f', (_req, res) => res.end('own pod'), 'f-1-x');
    expect((await first).body).toBe('own pod');
    await until('it is asked', async () => own.lines.some((line) => line.includes('"tell"') && line.includes('WORD')));
    expect(rig.plane.warm.free.size).toBe(1);
    own.say({ type: 'environment', values: { WORD: 'secret' } });
    await until('it is known', async () => rig.plane.table.get('ns/f')?.told.size === 1);
    own.end();
    await until('its own pod is gone', async () => {
      rig.plane.table.removePod(rig.plane.table.get('ns/f') as never, 'f-1-x');
      return rig.plane.table.get('ns/f')?.pods.size === 0;
    });
    rig.deployment('f', 0);
    addWarm(rig, 'f', [{ name: 'WORD', valueFrom: { secretKeyRef: {} } }]);
    expect(JSON.parse((await rig.call('f', { path: '/env' })).body)).toMatchObject({ WORD: 'secret' });
  });

  it('when its own pod comes the claimed one finishes what it does, and ends', async () => {
    const one = await pod('generic-1');
    addWarm(rig, 'f');
    const slow = rig.call('f', { path: '/?ms=600' });
    await until('it runs', async () => rig.plane.table.get('ns/f')?.pods.get('generic-1')?.running === 1);
    await rig.pod('f', (_req, res) => res.end('own pod'), 'f-1-x');
    expect((await rig.call('f')).body).toBe('own pod');
    expect((await slow).status).toBe(200);
    expect(await one.ended).toBe(0);
  });

  it('a burst takes several at once', async () => {
    for (const name of ['generic-1', 'generic-2', 'generic-3']) await pod(name);
    addWarm(rig, 'f');
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => rig.call('f', { path: `/${i}?ms=50` })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await claims(rig, 'claimed')).toBe(3);
  });

  it('a claimed pod whose function is gone ends', async () => {
    const one = await pod('generic-1');
    addWarm(rig, 'f');
    expect((await rig.call('f')).status).toBe(200);
    rig.plane.table.functionRemoved('ns/f');
    // The activator goes, and the pod announces itself at the next.
    const { port } = rig.plane.announcements.server.address() as { port: number };
    rig.crash();
    rig = new Rig();
    await new Promise<void>((resolve) => rig.plane.announcements.server.listen(port, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => rig.plane.requests.server.listen(0, '127.0.0.1', resolve));
    expect(await one.ended).toBe(0);
  });

  it('a free pod ends at once when it is told to, and costs no CPU until then', async () => {
    const one = await pod('generic-1');
    const used = (): number => {
      const fields = readFileSync(`/proc/${one.process.pid}/stat`, 'utf8').split(' ');
      return Number(fields[13]) + Number(fields[14]);
    };
    // The compilers of its start are at work a little longer.
    await sleep(1500);
    const before = used();
    await sleep(4000);
    expect((used() - before) * 10).toBeLessThanOrEqual(20);
    const asked = performance.now();
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(500);
    await until('it is forgotten', async () => rig.plane.warm.free.size === 0);
  }, 15_000);

  it('one with another pool’s token is refused', async () => {
    const one = new GenericPod(rig, 'generic-1', { LULL_TOKEN: announceToken(KEY, poolSubject('ns', 'other')) });
    pods.push(one);
    await until('it is refused', async () => one.output.includes('401') || one.output.includes('403'), 5000, 20);
    expect(rig.plane.warm.free.size).toBe(0);
  });
});
