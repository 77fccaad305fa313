import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { monotonic } from '../../activator/clock.ts';
import { Rig } from '../../activator/testing/rig.ts';
import { addWarm, type GenericPod, taskRoot } from '../support/generic-pod.ts';
import { until } from '../support/wait.ts';
import { WarmRigs } from '../support/warm-rigs.ts';

describe('a claimed pod', () => {
  const all = new WarmRigs();
  const pod = async (rig: Rig, name: string): Promise<GenericPod> => {
    const one = await all.pod(rig, name);
    await until('it is known', async () => rig.plane.warm.free.size > 0, 5000, 10);
    return one;
  };
  afterEach(() => all.end());

  it('finds shared libraries that come with its code: the folder is there when the dynamic linker looks first, and only then', async () => {
    const rig = await all.rig();
    const libraries = path.join(taskRoot, 'lib');
    await pod(rig, 'generic-1');
    expect(existsSync(libraries)).toBe(true);
    addWarm(rig, 'f');
    expect((await rig.call('f')).status).toBe(200);
    expect(existsSync(libraries)).toBe(false);
  });

  it('that has announced itself here twice stays known when the older of its streams ends', async () => {
    const rig = await all.rig();
    addWarm(rig, 'f');
    const over = { pool: 'pool', needsCode: undefined };
    const older = await rig.announce('f', 1, 'generic-1', over);
    await rig.announce('f', 1, 'generic-1', over);
    const { server } = rig.plane.announcements;
    older.end();
    await until('the older one has ended', async () => (await promisify(server.getConnections.bind(server))()) === 1, 2000, 5);
    rig.plane.warm.tick(true);
    expect(rig.plane.table.get('ns/f')?.pods.get('generic-1')?.announced).toBe(true);
  });

  it('that drains says so to an activator that comes meanwhile', async () => {
    const rig = await all.rig();
    await pod(rig, 'generic-1');
    addWarm(rig, 'f');
    const long = rig.call('f', { path: '/?ms=3000' }).catch(() => undefined);
    await until('it is claimed', async () => rig.plane.table.get('ns/f')?.pods.get('generic-1')?.running === 1, 2000, 5);
    await rig.pod('f', (_req, res) => res.end('own pod'), 'f-1-x');
    await until('it drains', async () => rig.plane.table.get('ns/f')?.pods.get('generic-1')?.draining, 2000, 5);
    const { port } = rig.plane.announcements.server.address() as AddressInfo;
    rig.crash();
    const next = new Rig();
    all.keep(next);
    await new Promise<void>((resolve) =>
      next.plane.announcements.server.listen(port, '127.0.0.1', () => {
        // Functions are known before anybody connects.
        addWarm(next, 'f', [], {}, 1);
        resolve();
      }),
    );
    await new Promise<void>((resolve) => next.plane.requests.server.listen(0, '127.0.0.1', resolve));
    await until('it is announced there', async () => next.plane.table.get('ns/f')?.pods.get('generic-1')?.announced, 2000, 5);
    await until('it is known to drain', async () => next.plane.table.get('ns/f')?.pods.get('generic-1')?.draining, 500, 5);
    await long;
  });

  it('that nobody has called since the function went to zero wakes it no more', async () => {
    let ahead = 0;
    const rig = await all.rig(5000, 1000, { clock: () => monotonic() + ahead });
    addWarm(rig, 'f');
    await rig.announce('f', 1, 'generic-1', { pool: 'pool', needsCode: undefined });
    // It was woken, and goes to zero before its spare one has been idle long enough to end.
    addWarm(rig, 'f', [], {}, 1);
    addWarm(rig, 'f', [], {}, 0);
    ahead = 5000;
    rig.plane.warm.tick(true);
    expect(rig.scaled).toEqual([]);
    ahead = 11_000;
    rig.plane.warm.tick(true);
    expect(rig.plane.table.get('ns/f')?.pods.get('generic-1')?.draining).toBe(true);
  });
});
