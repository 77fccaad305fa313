import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from '../../activator/testing/rig.ts';
import { addWarm, claims } from '../support/generic-pod.ts';
import { until } from '../support/wait.ts';
import { WarmRigs } from '../support/warm-rigs.ts';

describe('a warm pool when things happen at once, or in another order', () => {
  const all = new WarmRigs();
  const pod = (of: Rig, name: string) => all.pod(of, name);
  const known = (rig: Rig, free: number) => until(`${free} free pods are known`, async () => rig.plane.warm.free.size === free, 5000, 10);
  let rig: Rig;
  beforeEach(async () => {
    rig = await all.rig();
  });
  afterEach(() => all.end());

  it('two activators want the same pod for two functions in the same moment: one has it, the other wakes as ever', async () => {
    const other = await all.rig(5000, 1000, { self: 'activator-2' });
    const first = await all.rig(5000, 1000, { self: 'activator-3', peers: () => [other.controlAddress] });
    for (let round = 0; round < 6; round += 1) {
      const [f, g] = [`f${round}`, `g${round}`];
      await pod(first, `generic-${round}`);
      await Promise.all([known(first, 1), known(other, 1)]);
      for (const plane of [first, other]) for (const name of [f, g]) addWarm(plane, name);
      const calls = [first.call(f), other.call(g)] as const;
      const won = await Promise.race([calls[0].then(() => f), calls[1].then(() => g)]);
      const [loser, name, call] = won === f ? ([other, g, calls[1]] as const) : ([first, f, calls[0]] as const);
      await until('the ordinary wake of the other', async () => loser.scaled.some(([, deployment]) => deployment === `${name}-1`));
      await loser.pod(name, (_req, res) => res.end('own pod'), `${name}-1-x`);
      expect((await call).body).toBe('own pod');
      // Both know whose it is.
      for (const plane of [first, other]) expect(plane.plane.table.get(`ns/${won}`)?.pods.get(`generic-${round}`)?.announced).toBe(true);
      await Promise.all([known(first, 0), known(other, 0)]);
    }
    // One that answers after 250 ms is the function's all the same, and counts as late.
    const counts = await Promise.all([first, other].flatMap((rig) => [claims(rig, 'claimed'), claims(rig, 'timeout')]));
    expect(counts.reduce((sum, count) => sum + count)).toBe(6);
  }, 30_000);

  it('a free pod whose activator goes away is free at the next one', async () => {
    const one = await pod(rig, 'generic-1');
    await known(rig, 1);
    const { port } = rig.plane.announcements.server.address() as AddressInfo;
    rig.crash();
    const next = new Rig();
    all.keep(next);
    await new Promise<void>((resolve) => next.plane.announcements.server.listen(port, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => next.plane.requests.server.listen(0, '127.0.0.1', resolve));
    await known(next, 1);
    addWarm(next, 'f');
    expect((await next.call('f')).status).toBe(200);
    expect(await claims(next, 'claimed')).toBe(1);
    expect(one.process.exitCode).toBe(null);
  });

  it('code that is fetched is there before the handler is asked', async () => {
    const tar = pack();
    tar.entry({ name: 'module.txt' }, 'fetched');
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    const bytes = zstdCompressSync(Buffer.concat(chunks));
    const digest = createHash('sha256').update(bytes).digest('hex');
    const target = mkdtempSync(path.join(tmpdir(), 'lull-claim-'));
    const before: boolean[] = [];
    const store = createServer((_req, res) => {
      before.push(existsSync(path.join(target, 'module.txt')));
      res.end(bytes);
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    await pod(rig, 'generic-1');
    await known(rig, 1);
    addWarm(rig, 'f', [
      { name: 'LULL_BUNDLES', value: JSON.stringify([{ digest, token: 'token', target }]) },
      { name: 'LULL_STORE', value: `127.0.0.1:${(store.address() as AddressInfo).port}` },
    ]);
    const answer = await rig.call('f');
    expect([answer.status, before, existsSync(path.join(target, 'module.txt'))]).toEqual([200, [false], true]);
    expect(answer.headers['server-timing']).toContain('claim;dur');
    store.close();
    rmSync(target, { recursive: true });
  });

  it('a function that becomes eligible while its own pod runs has that pod asked for its Secrets', async () => {
    const secret = [{ name: 'WORD', valueFrom: { secretKeyRef: {} } }];
    addWarm(rig, 'f', secret, {}, 1);
    const fn = rig.plane.table.get('ns/f');
    if (!fn) throw new Error('no function');
    const { warm } = fn;
    fn.warm = { eligible: false, reason: 'there is no pool yet' };
    const own = await rig.pod('f', (_req, res) => res.end('own pod'), 'f-1-x');
    expect((await rig.call('f')).body).toBe('own pod');
    expect(own.lines.some((line) => line.includes('"tell"'))).toBe(false);
    fn.warm = warm;
    await until('it is asked', async () => own.lines.some((line) => line.includes('"tell"') && line.includes('WORD')), 3000, 20);
  });

  it('the ordinary wake that a claimed pod answered ahead of is tried until it works, though nobody waits', async () => {
    let failures = 0;
    rig.scale = async () => {
      failures += 1;
      if (failures <= 3) throw new Error('the API server is away');
      return true;
    };
    await pod(rig, 'generic-1');
    await known(rig, 1);
    addWarm(rig, 'f');
    expect((await rig.call('f')).status).toBe(200);
    await until('the fourth patch', async () => rig.plane.table.get('ns/f')?.replicasOf('f-1') === 1, 3000, 20);
    expect(failures).toBe(4);
    // It is awake: nothing more is asked for when it goes to zero.
    addWarm(rig, 'f');
    expect(rig.plane.table.get('ns/f')?.wake.asked).toBe(false);
  });

  it('functions with a claimed pod let those go first that have none, and come in their turn', async () => {
    const slow = new Rig(5000, 1000, { startsAtOnce: () => 1 });
    all.keep(slow);
    await slow.listen();
    for (const name of ['generic-1', 'generic-2']) await pod(slow, name);
    await known(slow, 2);
    for (const name of ['f', 'g', 'h', 'i']) addWarm(slow, name);
    const woken = (): string[] => slow.scaled.map(([, deployment]) => deployment.replace('-1', ''));
    // Two get the pool's pods, whichever come first, and the others have to start.
    const names = ['f', 'g', 'h', 'i'];
    const answers = new Map(names.map((name) => [name, slow.call(name)]));
    await until('two have a pod', async () => Object.keys(slow.plane.warm.claimedPods() ?? {}).length === 2, 5000, 5);
    const claimed = Object.values(slow.plane.warm.claimedPods() ?? {}).map((pod) => pod.function);
    const others = names.filter((name) => !claimed.includes(name));
    for (const name of claimed) expect((await answers.get(name))?.status).toBe(200);
    await until('they wait for their turn', async () => claimed.every((name) => slow.plane.table.get(`ns/${name}`)?.wake.asked), 3000, 20);
    expect(woken()).toHaveLength(1);
    for (let turn = 0; turn < names.length; turn += 1) {
      await until('the next is woken', async () => woken().length > turn, 2000, 5);
      const name = woken()[turn] as string;
      await slow.pod(name, (_req, res) => res.end('own pod'), `${name}-1-x`);
    }
    for (const name of others) expect((await answers.get(name))?.body).toBe('own pod');
    expect([woken().slice(0, 2).sort(), woken().slice(2).sort()]).toEqual([others, claimed.sort()]);
  });

  it('a function whose claimed pod is not enough is woken at once', async () => {
    await pod(rig, 'generic-1');
    await known(rig, 1);
    addWarm(rig, 'f', [], { concurrency: 1 });
    const first = rig.call('f', { path: '/?ms=400' });
    await until('it has the pod', async () => rig.plane.warm.claimedPods() !== undefined, 2000, 5);
    const begun = performance.now();
    const second = rig.call('f');
    await until('it is woken', async () => rig.scaled.length === 1, 2000, 5);
    expect(performance.now() - begun).toBeLessThan(300);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  it('the activator that claimed dies before the ordinary wake: the one that the pod is announced to next sees to it', async () => {
    const one = await pod(rig, 'generic-1');
    await known(rig, 1);
    // Its patch never ends.
    rig.scale = () => new Promise(() => undefined);
    addWarm(rig, 'f');
    expect((await rig.call('f')).status).toBe(200);
    const { port } = rig.plane.announcements.server.address() as AddressInfo;
    rig.crash();
    const next = new Rig();
    all.keep(next);
    await new Promise<void>((resolve) =>
      next.plane.announcements.server.listen(port, '127.0.0.1', () => {
        // Functions are known before anybody connects.
        addWarm(next, 'f');
        resolve();
      }),
    );
    await new Promise<void>((resolve) => next.plane.requests.server.listen(0, '127.0.0.1', resolve));
    await until('it is announced there', async () => next.plane.table.get('ns/f')?.pods.get('generic-1')?.announced, 5000, 20);
    expect((await next.call('f')).status).toBe(200);
    await until('the ordinary wake', async () => next.scaled.length === 1, 9000, 50);
    expect(one.process.exitCode).toBe(null);
  }, 15_000);

  it('an activator that does not know all functions yet sends no claimed pod away', async () => {
    const one = await pod(rig, 'generic-1');
    await known(rig, 1);
    addWarm(rig, 'f');
    expect((await rig.call('f')).status).toBe(200);
    const { port } = rig.plane.announcements.server.address() as AddressInfo;
    rig.crash();
    let synced = false;
    const next = new Rig(5000, 1000, { synced: () => synced });
    all.keep(next);
    await new Promise<void>((resolve) => next.plane.announcements.server.listen(port, '127.0.0.1', resolve));
    await until('it has been refused for now', async () => one.output.includes('UnknownRevision'), 5000, 20);
    addWarm(next, 'f');
    synced = true;
    await until('it is announced there', async () => next.plane.table.get('ns/f')?.pods.get('generic-1')?.announced, 5000, 20);
  }, 15_000);
});
