import { afterEach, describe, expect, it, vi } from 'vitest';
import { fnObject, KEY, Rig } from '../../activator/testing/rig.ts';
import { demandToken } from '../../common/api/demand.ts';
import { LiveDemand } from '../../operator/autoscaler/live/live-demand.ts';
import { askLoads } from '../../operator/autoscaler/scale-down.ts';

/** The activators' own servers on one side, the autoscaler's ear on the other, with real connections between them. */
describe('demand between two scrapes', () => {
  const rigs: Rig[] = [];
  let live: LiveDemand;
  afterEach(() => {
    live.close();
    for (const rig of rigs.splice(0)) rig.close();
  });

  async function start(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const rig = new Rig(20_000, 5000, { self: `activator-${i}` });
      await rig.listen();
      rig.add(fnObject('f', { concurrency: 1 }), 1);
      rigs.push(rig);
    }
  }
  const listen = (onHeld: (key: string) => void = () => undefined, token = demandToken(KEY)): void => {
    live = new LiveDemand({ token, now: () => performance.now(), onHeld });
    live.meet(rigs.map(({ controlAddress }) => controlAddress));
  };

  it('a burst at two activators is heard within 300 ms, summed, and is over when it is over', { timeout: 20_000 }, async () => {
    await start(2);
    const onHeld = vi.fn();
    listen(onHeld);
    await vi.waitFor(() => expect(live.links).toBe(2));
    expect(live.of('ns/f')).toEqual({ held: 0, running: 0, mean: 0 });
    const begun = performance.now();
    const calls = Array.from({ length: 50 }, (_, i) => (rigs[i % 2] as Rig).call('f'));
    await vi.waitFor(() => expect(live.of('ns/f')?.held).toBe(50), { interval: 5 });
    expect(performance.now() - begun).toBeLessThan(600);
    expect(onHeld).toHaveBeenCalledWith('ns/f');
    // Half a second of 50 in the last two is a mean of some 12; it grows for as long as they wait.
    await vi.waitFor(() => expect(live.of('ns/f')?.mean).toBeGreaterThan(12));
    for (const rig of rigs) await rig.pod('f', (_req, res) => res.end('ok'));
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
    await vi.waitFor(() => expect(live.of('ns/f')).toEqual({ held: 0, running: 0, mean: 0 }), { timeout: 6000 });
  });

  it('one that goes is not counted any more, and is heard again when it is back; none is not nothing', { timeout: 20_000 }, async () => {
    await start(2);
    listen();
    await vi.waitFor(() => expect(live.links).toBe(2));
    const calls = rigs.map((rig) => rig.call('f').catch(() => undefined));
    await vi.waitFor(() => expect(live.of('ns/f')?.held).toBe(2));
    const [first, second] = rigs.splice(0) as [Rig, Rig];
    first.crash();
    await vi.waitFor(() => expect(live.of('ns/f')?.held).toBe(1));
    expect(live.links).toBe(1);
    second.crash();
    await vi.waitFor(() => expect(live.of('ns/f')).toBeUndefined());
    await Promise.all(calls);
    await start(1);
    live.meet(rigs.map(({ controlAddress }) => controlAddress));
    await vi.waitFor(() => expect(live.of('ns/f')).toEqual({ held: 0, running: 0, mean: 0 }));
  });

  it('without the token nothing is heard', async () => {
    await start(1);
    listen(() => undefined, 'wrong');
    await expect(vi.waitFor(() => expect(live.links).toBe(1), { timeout: 800 })).rejects.toThrow();
    expect(live.of('ns/f')).toBeUndefined();
  });

  it('tells which pods are busy, over all activators, and fails loudly when one does not answer', async () => {
    await start(2);
    listen();
    for (const rig of rigs) await rig.pod('f', (_req, res) => setTimeout(() => res.end('ok'), 1000));
    const calls = rigs.map((rig) => rig.call('f'));
    const addresses = rigs.map(({ controlAddress }) => controlAddress);
    await vi.waitFor(async () => expect(await askLoads(addresses, KEY, 'ns/f')).toEqual(new Map([['pod-1', 2]])));
    await expect(askLoads([...addresses, '127.0.0.1:1'], KEY, 'ns/f')).rejects.toThrow();
    await expect(askLoads(addresses, 'other key', 'ns/f')).rejects.toThrow(/401/);
    await Promise.all(calls);
  });
});
