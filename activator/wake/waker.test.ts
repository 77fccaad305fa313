import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../test/support/wait.ts';
import { fnObject, Rig } from '../testing/rig.ts';

describe('wakes that take turns, one at a time', () => {
  let rig: Rig | undefined;
  afterEach(() => rig?.close());

  async function withTurns(...names: string[]): Promise<Rig> {
    const made = new Rig(5000, 1000, { startsAtOnce: () => 1 });
    rig = made;
    await made.listen();
    for (const name of names) made.add(fnObject(name));
    return made;
  }
  const woken = (of: Rig): string[] => of.scaled.map(([, deployment]) => deployment);

  it('one that another activator has woken takes no turn here', async () => {
    const made = await withTurns('f', 'g', 'h');
    made.scale = async () => false;
    const begun = performance.now();
    const calls = ['f', 'g', 'h'].map((name) => made.call(name));
    await until('all are asked for', async () => new Set(woken(made)).size === 3, 2000, 5);
    expect(performance.now() - begun).toBeLessThan(1000);
    for (const name of ['f', 'g', 'h']) await made.pod(name, (_req, res) => res.end('ok'), `${name}-x`);
    for (const call of calls) expect((await call).status).toBe(200);
  });

  it('one that was stopped while it waited for its turn stays asleep, and one that runs again, too', async () => {
    const made = await withTurns('f', 'g');
    const first = made.call('f');
    await until('f is woken', async () => woken(made).length === 1, 2000, 5);
    const g = made.plane.table.get('ns/g');
    if (!g) throw new Error('no function');
    // As when a placeholder answers: nobody is held.
    g.wake.asked = true;
    await until('g waits', async () => g.coldStart !== undefined, 2000, 5);
    made.plane.table.functionChanged(fnObject('g', { replicas: 0 }));
    await made.pod('f', (_req, res) => res.end('ok'), 'f-x');
    expect((await first).status).toBe(200);
    made.plane.table.functionChanged(fnObject('g'));
    // Its turn would have come by now: two ticks.
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(woken(made)).toEqual(['f-1']);
  });

  it('a wake that everybody left before its turn came is none: the next begins anew', async () => {
    const made = await withTurns('f', 'g');
    const first = made.call('f');
    await until('f is woken', async () => woken(made).length === 1, 2000, 5);
    const left = request({ host: '127.0.0.1', port: made.port, headers: { host: 'g.ns' } });
    left.on('error', () => undefined);
    left.end();
    const g = made.plane.table.get('ns/g');
    await until('g waits', async () => g?.coldStart !== undefined, 2000, 5);
    left.destroy();
    await until('it is forgotten', async () => g?.coldStart === undefined, 2000, 5);
    await made.pod('f', (_req, res) => res.end('ok'), 'f-x');
    expect((await first).status).toBe(200);
  });
});
