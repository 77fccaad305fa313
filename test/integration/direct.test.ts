import { Agent } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { fnObject, KEY, Rig } from '../../activator/testing/rig.ts';
import { announceToken } from '../../common/api/token.ts';
import { Bridge } from '../../images/runtime/testing/bridge.ts';

const rigs: Rig[] = [];
const bridges: Bridge[] = [];
afterEach(() => {
  for (const bridge of bridges.splice(0)) bridge.kill();
  for (const rig of rigs.splice(0)) rig.close();
});

/** Activators as they are, and pods' bridges as they are, on loopback. */
async function start(activators: number, pods: number, concurrency: number): Promise<void> {
  for (let i = 0; i < activators; i += 1) {
    const rig: Rig = new Rig(20_000, 5000, {
      self: `activator-${i}`,
      peers: () => rigs.filter((one) => one !== rig).map((one) => one.controlAddress),
    });
    await rig.listen();
    rigs.push(rig);
  }
  for (const rig of rigs) rig.plane.peers.meet(rigs.filter((other) => other !== rig).map((other) => other.controlAddress));
  await vi.waitFor(() => expect(rigs.every((rig) => rig.plane.peers.live.length === activators - 1)).toBe(true));
  for (const rig of rigs) rig.add(fnObject('f', { concurrency, scale: { directAccess: 'auto' } }), pods);
  const [first] = rigs as [Rig];
  const token = announceToken(KEY, { namespace: 'ns', function: 'f', revision: 'f-1' });
  const options = { control: first.controlAddress, http: `127.0.0.1:${first.port}`, token, concurrency };
  const names = Array.from({ length: pods }, (_, i) => `pod-${i}`);
  bridges.push(...(await Promise.all(names.map((name) => Bridge.start({ ...options, name })))));
  await vi.waitFor(() => expect(rigs.every((rig) => rig.plane.table.get('ns/f')?.pods.size === pods)).toBe(true));
}

it('callers of both kinds, more than there is room for, while a pod ends: each is answered, none twice, no pod over its limit', {
  timeout: 60_000,
}, async () => {
  await start(2, 3, 2);
  const agent = new Agent({ keepAlive: true, maxSockets: 40 });
  const statuses = new Map<string, number>();
  const count = 900;
  let most = 0;
  const watch = setInterval(() => {
    for (const rig of rigs) for (const pod of rig.plane.table.get('ns/f')?.pods.values() ?? []) most = Math.max(most, pod.direct);
  }, 20);
  const all = [...bridges];
  const one = async (i: number): Promise<void> => {
    const path = `/${i}?ms=${5 + (i % 4) * 10}`;
    const target = i % 3 === 0 ? undefined : bridges[i % bridges.length];
    const options = { path, method: 'POST', body: `b${i}`, ...(i % 2 === 0 && { agent }) };
    const answer = target ? await target.call(options) : await (rigs[i % 2] as Rig).call('f', options);
    statuses.set(String(answer.status), (statuses.get(String(answer.status)) ?? 0) + 1);
    const event = JSON.parse(answer.body) as { rawPath: string; body: string };
    expect([event.rawPath, event.body]).toEqual([`/${i}`, `b${i}`]);
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const i = next;
      next += 1;
      if (i === 300) all[2]?.drain();
      // kube-proxy has heard after a while.
      if (i === 600) bridges.splice(2, 1);
      await one(i);
    }
  };
  await Promise.all(Array.from({ length: 30 }, worker));
  clearInterval(watch);
  expect([...statuses]).toEqual([['200', count]]);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(2);
  expect(await all[2]?.ended).toBe(0);
  const ran = all.flatMap(({ output }) => [...output.matchAll(/ ran (\S+)$/gm)].map(([, path]) => path));
  expect([ran.length, new Set(ran).size]).toEqual([count, count]);
  const overflow = await Promise.all(bridges.map((bridge) => bridge.metric('lull_bridge_direct_overflow_total')));
  expect(overflow.some((handedOn) => handedOn > 0)).toBe(true);
  const bad = await Promise.all(bridges.map((bridge) => bridge.metric('lull_bridge_requests_total{code="503"}')));
  expect(bad.every(Number.isNaN)).toBe(true);
  agent.destroy();
});
