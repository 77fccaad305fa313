import { beforeEach, describe, expect, it } from 'vitest';
import type { LullFunction } from '../../common/api/function.ts';
import type { EndpointSlice, Pod } from '../function/objects.ts';
import type { DirectObservation } from './decide-direct.ts';
import { DirectAccess, type ServiceView } from './direct-access.ts';
import { activatorSlice, directFunction, directPod } from './testing.ts';

const KEY = 'shop/cart';
const CALM: DirectObservation = { demandStable: 1, demandPanic: 1, demandNow: 1, held: 0, fresh: true };

/** A cluster in memory: what is written is what is read next. */
class World {
  fn: LullFunction | undefined = directFunction();
  pods: Pod[] = [directPod('a', '10.1.0.1'), directPod('b', '10.1.0.2')];
  service: ServiceView | undefined = {
    metadata: { name: 'cart', namespace: 'shop', ownerReferences: [{ apiVersion: '', kind: 'Function', name: 'cart', uid: 'u-1' }] },
    spec: { type: 'ClusterIP' },
  };
  slices = new Map<string, EndpointSlice>();
  activators = [activatorSlice('IPv4', '10.0.0.1')];
  writes: string[] = [];
  events: string[] = [];
  reported: (boolean | undefined)[] = [];
  wanted: number[] = [];
  now = 0;
  refuses = false;
  readonly direct = new DirectAccess({
    read: {
      function: () => this.fn,
      functionKeys: () => [KEY],
      deployments: () => [],
      pods: () => this.pods,
      service: () => this.service,
      slices: () => [...this.slices.values()],
      activatorSlices: () => this.activators,
    },
    write: {
      applySlice: async (slice) => {
        if (this.refuses) throw new Error('refused');
        this.writes.push(`slice ${slice.endpoints?.map(({ addresses }) => addresses[0]).join(' ')}:${slice.ports?.[0]?.port}`);
        // As the API server gives it back.
        this.slices.set(slice.metadata.name, {
          ...structuredClone(slice),
          endpoints: slice.endpoints?.length ? structuredClone(slice.endpoints) : null,
        });
      },
      removeSlice: async (_namespace, name) => {
        this.writes.push(`remove ${name}`);
        this.slices.delete(name);
      },
      writeDirectStatus: async (fn, status) => {
        this.writes.push(`status ${status?.direct}`);
        const { directAccess: _, directAccessReason: __, ...rest } = fn.status ?? {};
        this.fn = { ...fn, status: { ...rest, ...(status && { directAccess: status.direct, directAccessReason: status.reason }) } };
      },
      event: (_fn, _type, reason) => this.events.push(reason),
    },
    again: (_key, millis) => this.wanted.push(millis),
    metrics: { report: (_namespace, _name, is) => this.reported.push(is) },
    now: () => this.now,
  });

  /** Ticks of the autoscaler, each followed by a reconcile. */
  async follow(seconds: number, observation: DirectObservation | undefined = CALM): Promise<void> {
    for (let i = 0; i < seconds; i += 2) {
      this.now += 2000;
      if (this.fn) this.direct.follow(this.fn, observation);
      await this.direct.reconcile(KEY);
    }
  }

  take(): string[] {
    return this.writes.splice(0);
  }
}

describe('DirectAccess', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('leads to the activators first, to the pods when it has been calm, and back when it is not, by one write each', async () => {
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1:8080', 'status false']);
    await world.follow(12);
    // Meanwhile the reason changed.
    expect(world.take()).toEqual(['status false', 'slice 10.1.0.1 10.1.0.2:8087', 'status true']);
    await world.follow(20);
    expect(world.take()).toEqual([]);
    await world.follow(2, { ...CALM, demandNow: 7 });
    expect(world.take()).toEqual(['slice 10.0.0.1:8080', 'status false']);
    expect(world.events).toEqual(['DirectAccessOn', 'DirectAccessOff']);
    expect(world.reported.at(-1)).toBe(false);
    expect(world.fn?.status?.directAccessReason).toBe('demand 7.0 of 8 that the pods carry');
  });

  it('follows pods that come, end and are not Ready, without waiting for the autoscaler', async () => {
    await world.follow(14);
    world.take();
    world.pods[0] = directPod('a', '10.1.0.1', { ending: true });
    world.pods.push(directPod('c', '10.1.0.3'));
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.1.0.2 10.1.0.3:8087']);
    world.pods = [directPod('a', '10.1.0.1', { ready: false })];
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1:8080', 'status false']);
  });

  it('follows the activators, and keeps what it has while none is known', async () => {
    await world.direct.reconcile(KEY);
    world.take();
    world.activators = [activatorSlice('IPv4', '10.0.0.1', '10.0.0.2')];
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1 10.0.0.2:8080']);
    world.activators = [];
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual([]);
    world.activators = [activatorSlice('IPv6', 'fd00::1')];
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice fd00::1:8080', 'remove cart-lull-ipv4']);
  });

  it('comes back by itself when the autoscaler falls silent', async () => {
    await world.follow(14);
    expect(world.wanted.at(-1)).toBe(10_000);
    world.take();
    world.now += 10_000;
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1:8080', 'status false']);
  });

  it('a new leader begins with the activators, whatever the last one wrote', async () => {
    await world.follow(14);
    const next = new World();
    next.fn = world.fn;
    next.slices = world.slices;
    await next.direct.reconcile(KEY);
    expect(next.take()).toEqual(['slice 10.0.0.1:8080', 'status false']);
    expect(next.events).toEqual(['DirectAccessOff']);
  });

  it('mends what somebody changed', async () => {
    await world.direct.reconcile(KEY);
    world.take();
    const [name, slice] = [...world.slices][0] as [string, EndpointSlice];
    world.slices.set(name, { ...slice, endpoints: [{ addresses: ['6.6.6.6'] }] });
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1:8080']);
    world.slices.clear();
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1:8080']);
  });

  it('is turned off: callers keep the activators until the Service is an alias again, then the slices go', async () => {
    await world.follow(14);
    world.take();
    world.fn = directFunction({ spec: { ...directFunction().spec, scale: {} }, status: { ...world.fn?.status } });
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['slice 10.0.0.1:8080', 'status undefined']);
    world.service = { ...(world.service as ServiceView), spec: { type: 'ExternalName' } };
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual(['remove cart-lull-ipv4']);
    await world.direct.reconcile(KEY);
    expect(world.take()).toEqual([]);
    expect(world.reported.at(-1)).toBeUndefined();
  });

  it('gives nothing to a Service that is somebody else’s, or not there', async () => {
    world.service = {
      metadata: { name: 'cart', namespace: 'shop', ownerReferences: [{ apiVersion: '', kind: 'Function', name: 'cart', uid: 'old' }] },
    };
    await world.follow(20);
    world.service = undefined;
    await world.follow(2);
    expect(world.take()).toEqual([]);
  });

  it('puts the activators behind a Service before that is one, and does so once', async () => {
    world.service = undefined;
    await world.direct.prepare(world.fn as LullFunction);
    await world.direct.prepare(world.fn as LullFunction);
    await world.direct.prepare(directFunction({ spec: { ...directFunction().spec, scale: {} } }));
    expect(world.take()).toEqual(['slice 10.0.0.1:8080']);
  });

  it('tries again what could not be written, and forgets a function that is gone', async () => {
    await world.follow(10);
    world.take();
    world.refuses = true;
    await expect(world.follow(2)).rejects.toThrow('refused');
    expect(world.fn?.status?.directAccess).toBe(false);
    world.refuses = false;
    await world.direct.reconcile(KEY);
    expect(world.fn?.status?.directAccess).toBe(true);
    world.fn = undefined;
    await world.direct.reconcile(KEY);
    expect(world.reported.at(-1)).toBeUndefined();
  });

  it('is asked for only by functions that it concerns', () => {
    world.direct.changed(KEY);
    world.direct.activatorsChanged();
    expect(world.wanted).toEqual([0, 0]);
    world.fn = directFunction({ spec: { ...directFunction().spec, scale: {} } });
    world.direct.changed(KEY);
    world.direct.follow(world.fn, CALM);
    expect(world.wanted).toEqual([0, 0]);
  });
});
