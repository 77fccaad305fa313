import { Agent, type RequestListener } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { monotonic } from './clock.ts';
import { isClusterHost } from './routing/route.ts';
import { fnObject, Rig } from './testing/rig.ts';

const rigs: Rig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close();
});

async function start(over: ConstructorParameters<typeof Rig>[2] = {}): Promise<Rig> {
  const rig = new Rig(5000, 1000, over);
  await rig.listen();
  rigs.push(rig);
  return rig;
}

describe('pods that have direct callers, too', () => {
  const named =
    (name: string, millis = 0): RequestListener =>
    (_req, res) =>
      void setTimeout(() => res.end(name), millis);
  const direct = (rig: Rig, pod: string): number | undefined => rig.plane.table.get('ns/f')?.pods.get(pod)?.direct;

  it('are given only what room those leave', async () => {
    const rig = await start();
    rig.add(fnObject('f', { concurrency: 2 }), 2);
    const one = await rig.pod('f', named('one', 50), 'pod-1');
    await rig.pod('f', named('two', 50), 'pod-2');
    one.say({ type: 'load', direct: 2 });
    await vi.waitFor(() => expect(direct(rig, 'pod-1')).toBe(2));
    const answers = await Promise.all(Array.from({ length: 6 }, () => rig.call('f')));
    expect(answers.map(({ body }) => body)).toEqual(Array(6).fill('two'));
    one.say({ type: 'load', direct: 1 });
    await vi.waitFor(() => expect(direct(rig, 'pod-1')).toBe(1));
    const later = await Promise.all(Array.from({ length: 3 }, () => rig.call('f')));
    expect(later.map(({ body }) => body).sort()).toEqual(['one', 'two', 'two']);
  });

  it('let those go on that wait, as soon as direct callers leave room', async () => {
    const rig = await start();
    rig.add(fnObject('f', { concurrency: 1 }), 1);
    const pod = await rig.pod('f', named('ran'));
    pod.say({ type: 'load', direct: 1 });
    await vi.waitFor(() => expect(direct(rig, 'pod-1')).toBe(1));
    const waiting = rig.call('f');
    await vi.waitFor(() => expect(rig.plane.table.get('ns/f')?.queue.length).toBe(1));
    pod.say({ type: 'load', direct: 0 });
    expect((await waiting).body).toBe('ran');
  });

  it('are not taken at their word when it is none', async () => {
    const rig = await start();
    rig.add(fnObject('f', { concurrency: 1 }), 1);
    const pod = await rig.pod('f', named('ran'));
    for (const nonsense of [-1, 0.5, 'many', null]) pod.say({ type: 'load', direct: nonsense });
    expect((await rig.call('f')).body).toBe('ran');
    expect(direct(rig, 'pod-1')).toBe(0);
  });

  it('are free of what they said when they announce themselves anew', async () => {
    const rig = await start();
    rig.add(fnObject('f', { concurrency: 1 }), 1);
    const pod = await rig.pod('f', named('ran'));
    pod.say({ type: 'load', direct: 1 });
    await vi.waitFor(() => expect(direct(rig, 'pod-1')).toBe(1));
    pod.end();
    await vi.waitFor(() => expect(direct(rig, 'pod-1')).toBe(0));
  });

  it('of several activators, none is lent what direct callers have, and others’ room is found', async () => {
    for (let i = 0; i < 2; i += 1) await start({ self: `activator-${i}` });
    const [a, b] = rigs as [Rig, Rig];
    a.plane.peers.meet([b.controlAddress]);
    b.plane.peers.meet([a.controlAddress]);
    await vi.waitFor(() => expect(rigs.every((rig) => rig.plane.peers.live.length === 1)).toBe(true));
    for (const rig of rigs) rig.add(fnObject('f', { concurrency: 2 }), 2);
    const says = [];
    const ones = await a.pod('f', named('one', 20), 'pod-1');
    const twos = await a.pod('f', named('two', 20), 'pod-2');
    says.push(ones, await b.announce('f', ones.port, 'pod-1'));
    await b.announce('f', twos.port, 'pod-2');
    // Both have been lent slots of both pods; then direct callers fill one.
    await Promise.all(Array.from({ length: 8 }, (_, i) => (rigs[i % 2] as Rig).call('f')));
    for (const pod of says) pod.say({ type: 'load', direct: 2 });
    await vi.waitFor(() => expect(rigs.map((rig) => direct(rig, 'pod-1'))).toEqual([2, 2]));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => (rigs[i % 2] as Rig).call('f')));
    expect(answers.map(({ body }) => body)).toEqual(Array(20).fill('two'));
  });
});

describe('a connection from before callers reached the pods directly', () => {
  it('is closed once, when it comes by the name within the cluster; new ones are left alone', async () => {
    let ahead = 0;
    const rig = await start({ clock: () => monotonic() + ahead });
    const fn = fnObject('f', { concurrency: 5 });
    rig.add(fn, 1);
    await rig.pod('f', (_req, res) => res.end('ok'));
    const agents = ['f.ns', 'f.ns.svc', 'F.ns.svc.cluster.local.:80', 'f.ns.lull.localhost'].map((host) => ({
      host,
      agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    }));
    const connections = () =>
      Promise.all(agents.map(async ({ host, agent }) => (await rig.call('f', { agent, headers: { host } })).headers.connection ?? 'kept'));
    const kept = Array(4).fill('kept');
    expect(await connections()).toEqual(kept);
    const { status } = fn;
    rig.plane.table.functionChanged({ ...fn, status: { ...status, directAccess: true } });
    // kube-proxy has not heard yet: whoever came anew would come here again.
    expect(await connections()).toEqual(kept);
    ahead = 3001;
    rig.plane.table.functionChanged({ ...fn, status: { ...status, directAccess: true, replicas: 2 } });
    expect(await connections()).toEqual(['close', 'close', 'close', 'kept']);
    expect(await connections()).toEqual(kept);
    rig.plane.table.functionChanged({ ...fn, status: { ...status, directAccess: false } });
    ahead = 10_000;
    expect(await connections()).toEqual(kept);
    for (const { agent } of agents) agent.destroy();
  });

  it.each([
    ['f.ns', true],
    ['f.ns.svc', true],
    ['f.ns.svc.cluster.local:80', true],
    ['f.ns.lull.localhost', false],
    ['F.NS.LULL.LOCALHOST.:8080', false],
    ['example.org.', true],
    ['localhost', false],
    ['', false],
  ])('%s: %s', (host, expected) => {
    expect(isClusterHost(host, { domain: 'lull.localhost', clusterDomain: 'cluster.local' })).toBe(expected);
  });
});

it('a request that a full pod of the function hands on keeps what it says of where it came from; others’ word is not taken', async () => {
  const rig = await start();
  rig.add(fnObject('f', { concurrency: 5, scale: { directAccess: 'auto' } }), 1);
  rig.add(fnObject('g', { concurrency: 5 }), 1);
  const echo: RequestListener = (req, res) => {
    const { 'x-forwarded-for': from, 'x-forwarded-proto': proto, 'x-forwarded-host': host } = req.headers;
    res.end([from, proto, host].join(' '));
  };
  // Pods of the rig have 127.0.0.1, as its clients have.
  await rig.pod('f', echo);
  await rig.pod('g', echo);
  const headers = { 'x-forwarded-for': '10.1.2.3', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'f.ns.svc' };
  expect((await rig.call('f', { headers })).body).toBe('10.1.2.3 https f.ns.svc');
  expect((await rig.call('g', { headers })).body).toBe('127.0.0.1 http g.ns');
  expect(rig.plane.table.get('ns/f')?.isHandedOnBy('127.0.0.2')).toBe(false);
});
