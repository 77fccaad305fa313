import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fnObject, Rig } from '../testing/rig.ts';
import { Ledger } from './ledger.ts';
import { ownerOf } from './owner.ts';

describe('Ledger', () => {
  it('never lends more than a pod has, and serves those that want in turn', () => {
    const step = fc.record({
      op: fc.constantFrom('want', 'release', 'forget', 'grant'),
      who: fc.constantFrom('a', 'b', 'c'),
      pod: fc.constantFrom('p', 'q'),
      count: fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const ledger = new Ledger();
        const held = new Map<string, number>();
        const pods = [
          { name: 'p', slots: 3 },
          { name: 'q', slots: 1 },
        ];
        for (const { op, who, pod, count } of steps) {
          const at = `${who} ${pod}`;
          if (op === 'want') ledger.want(who, count);
          else if (op === 'release') {
            const given = Math.min(count, held.get(at) ?? 0);
            ledger.release(who, pod, given);
            held.set(at, (held.get(at) ?? 0) - given);
          } else if (op === 'forget') {
            ledger.forget(who);
            for (const name of ['p', 'q']) held.set(`${who} ${name}`, 0);
          } else {
            for (const grant of ledger.grant(pods)) {
              const place = `${grant.activator} ${grant.pod}`;
              held.set(place, (held.get(place) ?? 0) + grant.count);
            }
          }
          for (const { name, slots } of pods) {
            const sum = ['a', 'b', 'c'].reduce((total, one) => total + (held.get(`${one} ${name}`) ?? 0), 0);
            expect(sum).toBeLessThanOrEqual(slots);
            expect(ledger.held(name)).toBe(sum);
          }
        }
      }),
    );
    const ledger = new Ledger();
    ledger.want('a', 5);
    ledger.want('b', 5);
    expect(ledger.grant([{ name: 'p', slots: 4 }])).toEqual([
      { activator: 'a', pod: 'p', count: 2 },
      { activator: 'b', pod: 'p', count: 2 },
    ]);
  });

  it('a member that goes moves only its own functions', () => {
    for (let i = 0; i < 200; i += 1) {
      const before = ownerOf(`ns/f${i}`, ['a', 'b', 'c']);
      if (before !== 'c') expect(ownerOf(`ns/f${i}`, ['a', 'b'])).toBe(before);
    }
  });
});

describe('several activators', () => {
  const rigs: Rig[] = [];
  const servers: Server[] = [];
  afterEach(() => {
    for (const rig of rigs.splice(0)) rig.close();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function start(count: number): Promise<Rig[]> {
    for (let i = 0; i < count; i += 1) {
      const rig = new Rig(20_000, 5000, { self: `activator-${i}` });
      await rig.listen();
      rigs.push(rig);
    }
    return rigs;
  }
  const meet = async (some: Rig[]): Promise<void> => {
    for (const rig of some) rig.plane.peers.meet(some.filter((other) => other !== rig).map((other) => other.controlAddress));
    await vi.waitFor(() => expect(some.every((rig) => rig.plane.peers.live.length === some.length - 1)).toBe(true));
  };

  async function pod(concurrency: number, millis: number): Promise<{ seen: () => { most: number; count: number; ids: Set<string> } }> {
    let running = 0;
    let most = 0;
    let count = 0;
    const ids = new Set<string>();
    const server = createServer((req, res) => {
      running += 1;
      count += 1;
      ids.add(req.url ?? '');
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        res.end('ok');
      }, millis);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    for (const rig of rigs) {
      rig.add(fnObject('f', { concurrency }), 1);
      await rig.announce('f', (server.address() as AddressInfo).port, 'pod-1');
    }
    return { seen: () => ({ most, count, ids }) };
  }

  it.each([1, 3])('three keep the limit of %i of a pod together, and all requests are answered once', async (concurrency) => {
    await start(3);
    await meet(rigs);
    const { seen } = await pod(concurrency, 3);
    const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => (rigs[i % 3] as Rig).call('f', { path: `/${i}` })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(seen().most).toBe(concurrency);
    expect(seen().count).toBe(300);
    expect(seen().ids.size).toBe(300);
  });

  it('shares out fairly: a few requests are not kept waiting by another activator’s many', async () => {
    await start(2);
    await meet(rigs);
    await pod(1, 5);
    const order: string[] = [];
    const many = Array.from({ length: 100 }, () => (rigs[0] as Rig).call('f').then(() => order.push('many')));
    await vi.waitFor(() => expect(order.length).toBeGreaterThan(3));
    const few = Array.from({ length: 5 }, () => (rigs[1] as Rig).call('f').then(() => order.push('few')));
    await Promise.all([...many, ...few]);
    expect(order.lastIndexOf('few')).toBeLessThan(60);
  });

  it('a warm function asks nobody: its slots stay where they are used', async () => {
    await start(2);
    await meet(rigs);
    await pod(2, 0);
    const rig = rigs.find((one) => one.plane.table.get('ns/f')) as Rig;
    await rig.call('f');
    const begun = performance.now();
    for (let i = 0; i < 200; i += 1) expect((await rig.call('f')).status).toBe(200);
    expect((performance.now() - begun) / 200).toBeLessThan(20);
  });

  it('one goes: the others keep the limit and take over what it held', async () => {
    await start(3);
    await meet(rigs);
    const { seen } = await pod(2, 10);
    const calls = Array.from({ length: 150 }, (_, i) =>
      (rigs[i % 3] as Rig).call('f', { path: `/${i}` }).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await vi.waitFor(() => expect(seen().count).toBeGreaterThan(20));
    const gone = rigs.splice(2, 1)[0] as Rig;
    gone.crash();
    const answers = await Promise.all(calls);
    expect(answers.filter((_, i) => i % 3 !== 2).every((status) => status === 200)).toBe(true);
    // What ran in the pod for the one that went may still do so for the moment.
    expect(seen().most).toBeLessThanOrEqual(4);
    await meet(rigs);
  });

  it('one that comes gets its share, and the limit holds', async () => {
    await start(2);
    const { seen } = await pod(2, 5);
    await Promise.all(rigs.slice(0, 1).map((rig) => rig.call('f')));
    const first = Array.from({ length: 50 }, () => (rigs[0] as Rig).call('f'));
    await vi.waitFor(() => expect(seen().count).toBeGreaterThan(5));
    await meet(rigs);
    const second = Array.from({ length: 50 }, () => (rigs[1] as Rig).call('f'));
    const answers = await Promise.all([...first, ...second]);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(seen().most).toBe(2);
  });
});
