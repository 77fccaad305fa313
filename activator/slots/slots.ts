import type { Clock } from '../clock.ts';
import type { FunctionState } from '../function-state.ts';
import type { FunctionTable } from '../function-table.ts';
import type { Holdings, PeerMessage } from '../peers/messages.ts';
import type { Pod } from '../pods/pod.ts';
import { Ledger } from './ledger.ts';
import { ownerOf } from './owner.ts';

/** What the slots are told through: the other activators. */
export interface Mesh {
  readonly live: string[];
  send(name: string, message: PeerMessage): void;
  broadcast(message: PeerMessage): void;
}

/** A slot that was lent and is not used goes back after this time; sooner when slots are short. */
const IDLE_MILLIS = 1000;
/** For so long the owner of a function waits for all activators to agree on who there is, before it goes by what it knows. */
const AGREE_MILLIS = 2000;
/** Messages of a view that this activator does not have (yet) are kept for it. */
const MAX_PENDING = 10_000;

/** A function's slots, as one activator sees them. */
interface Lease {
  owner: string;
  /** Of a function that this activator owns. */
  ledger: Ledger | undefined;
  /** What the owner was told that is wanted, and has not been granted yet. */
  wanted: number;
  contended: boolean;
  idleSince: number;
}

/**
 * Keeps the hard limit of each pod over all activators together, and loses none of it: every function has an owner among them, which lends its pods' slots to
 * those that have requests. A slot is kept as long as it is used (so a warm function costs no message), and goes back when others want it.
 */
export class Slots {
  readonly #self: string;
  readonly #mesh: Mesh;
  readonly #table: () => FunctionTable;
  readonly #clock: Clock;
  readonly #leases = new Map<string, Lease>();
  /** Each peer's view of who there is. */
  readonly #views = new Map<string, string>();
  readonly #pending = new Map<string, PeerMessage[]>();
  readonly #toldLoads = new Map<string, number>();
  #members: string[];
  #view: string;
  #viewSince: number;

  constructor(self: string, mesh: Mesh, table: () => FunctionTable, clock: Clock) {
    this.#self = self;
    this.#mesh = mesh;
    this.#table = table;
    this.#clock = clock;
    this.#members = [self];
    this.#view = self;
    this.#viewSince = clock();
  }

  get #alone(): boolean {
    return this.#members.length === 1;
  }

  /** This one included. */
  get activators(): number {
    return this.#members.length;
  }

  /** Other activators have come or gone: slots are counted anew, beginning with those that are in use. */
  membersChanged(): void {
    this.#members = [this.#self, ...new Set(this.#mesh.live.filter((name) => name !== this.#self))].sort();
    this.#view = this.#members.join(',');
    this.#viewSince = this.#clock();
    this.#leases.clear();
    for (const name of this.#views.keys()) if (!this.#members.includes(name)) this.#views.delete(name);
    const holdings = new Map<string, Holdings>(this.#members.map((name) => [name, {}]));
    for (const fn of this.#table().values()) {
      const own: Record<string, number> = {};
      for (const pod of fn.pods.values()) {
        if (!Number.isFinite(pod.slots)) continue;
        pod.allowed = this.#alone ? pod.slots : pod.running;
        if (pod.running > 0) own[pod.name] = pod.running;
      }
      if (this.#alone) continue;
      (holdings.get(this.#lease(fn).owner) as Holdings)[fn.key] = own;
      this.#lease(fn).ledger?.set(this.#self, own);
    }
    for (const name of this.#members) {
      if (name !== this.#self) this.#mesh.send(name, { type: 'members', members: this.#view, holdings: holdings.get(name) ?? {} });
    }
    // What is of yet another view goes back to where it waited.
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const [name, messages] of pending) {
      for (const message of messages) this.received(name, message);
    }
    for (const fn of this.#table().values()) fn.pump();
  }

  /** Requests wait, and no pod has room that this activator may use. */
  wanting(fn: FunctionState): void {
    if (this.#alone || !limited(fn)) return;
    const lease = this.#lease(fn);
    // What it may use already and cannot at this moment (a pod that was ejected) will do later.
    const wanted = fn.queue.length - idleSlots(fn);
    if (wanted <= lease.wanted) return;
    lease.wanted = wanted;
    if (lease.ledger) {
      lease.ledger.want(this.#self, lease.wanted);
      this.#share(fn, lease);
    } else this.#mesh.send(lease.owner, { type: 'want', members: this.#view, fn: fn.key, count: lease.wanted });
  }

  /** A request has ended in the pod: its slot is used again, or given back if others want it. */
  slotFreed(fn: FunctionState, pod: Pod): void {
    if (this.#alone || !Number.isFinite(pod.slots)) return;
    const lease = this.#lease(fn);
    lease.idleSince = this.#clock();
    if (lease.contended || pod.draining) this.#giveBack(fn, lease, pod);
  }

  /** The function's pods, or what is known of them, may have changed. */
  podsChanged(fn: FunctionState): void {
    if (this.#alone) return;
    const lease = this.#leases.get(fn.key);
    if (lease?.ledger?.contended) this.#share(fn, lease);
  }

  /** A pod has come to be known. */
  podAdded(pod: Pod): void {
    if (!this.#alone && Number.isFinite(pod.slots)) pod.allowed = 0;
  }

  received(from: string, message: PeerMessage): void {
    if (message.type === 'loads') {
      this.#takeLoads(message.loads);
      return;
    }
    if (!('members' in message)) return;
    if (message.members !== this.#view) {
      const pending = this.#pending.get(from) ?? [];
      // A view begins with what is held in it: what was said in older ones is of no use any more.
      if (message.type === 'members') pending.length = 0;
      if (pending.length < MAX_PENDING) pending.push(message);
      this.#pending.set(from, pending);
      return;
    }
    switch (message.type) {
      case 'members':
        this.#views.set(from, message.members);
        for (const fn of this.#table().values()) this.#leases.get(fn.key)?.ledger?.set(from, message.holdings[fn.key] ?? {});
        for (const [key, own] of Object.entries(message.holdings)) {
          const fn = this.#table().get(key);
          if (fn) this.#lease(fn).ledger?.set(from, own);
        }
        for (const fn of this.#table().values()) this.podsChanged(fn);
        return;
      default:
    }
    const fn = this.#table().get(message.fn);
    if (!fn) return;
    const lease = this.#lease(fn);
    switch (message.type) {
      case 'want':
        lease.ledger?.want(from, message.count);
        this.#share(fn, lease);
        return;
      case 'release':
        lease.ledger?.release(from, message.pod, message.count);
        this.#share(fn, lease);
        return;
      case 'grant':
        this.#granted(fn, lease, message.pod, message.count);
        return;
      case 'contended':
        this.#setContended(fn, lease, message.contended);
        return;
      default:
    }
  }

  /** Called a few times a second: idle slots go back, loads are told, and an owner that waits for agreement looks again. */
  tick(): void {
    if (this.#alone) return;
    const now = this.#clock();
    const loads: Holdings = {};
    for (const fn of this.#table().values()) {
      if (!limited(fn)) {
        this.#gatherLoads(fn, loads);
        continue;
      }
      const lease = this.#leases.get(fn.key);
      if (!lease) continue;
      if (fn.queue.length === 0) lease.wanted = 0;
      if (!lease.contended && now - lease.idleSince > IDLE_MILLIS && fn.queue.length === 0) this.#giveBackIdle(fn, lease);
      if (lease.ledger?.contended) this.#share(fn, lease);
    }
    if (Object.keys(loads).length > 0) this.#mesh.broadcast({ type: 'loads', loads });
  }

  #lease(fn: FunctionState): Lease {
    let lease = this.#leases.get(fn.key);
    if (!lease) {
      const owner = ownerOf(fn.key, this.#members);
      const ledger = owner === this.#self ? new Ledger() : undefined;
      lease = { owner, ledger, wanted: 0, contended: false, idleSince: this.#clock() };
      this.#leases.set(fn.key, lease);
    }
    return lease;
  }

  /** Whether all activators have told what they hold, in this view of who there is. */
  get #agreed(): boolean {
    if (this.#clock() - this.#viewSince > AGREE_MILLIS) return true;
    return this.#members.every((name) => name === this.#self || this.#views.get(name) === this.#view);
  }

  /** Lends what is free, and tells everybody when that is not enough. */
  #share(fn: FunctionState, lease: Lease): void {
    const { ledger } = lease;
    if (!ledger || !this.#agreed) return;
    const pods = [...fn.pods.values()]
      .filter((pod) => pod.serving && pod.revision === fn.activeRevision)
      // What direct callers have cannot be lent.
      .map(({ name, slots, direct }) => ({ name, slots: slots - direct }));
    for (const { activator, pod, count } of ledger.grant(pods)) {
      if (activator === this.#self) this.#granted(fn, lease, pod, count);
      else this.#mesh.send(activator, { type: 'grant', members: this.#view, fn: fn.key, pod, count });
    }
    if (ledger.contended === lease.contended) return;
    this.#mesh.broadcast({ type: 'contended', members: this.#view, fn: fn.key, contended: ledger.contended });
    this.#setContended(fn, lease, ledger.contended);
  }

  #granted(fn: FunctionState, lease: Lease, name: string, count: number): void {
    lease.wanted = Math.max(0, lease.wanted - count);
    lease.idleSince = this.#clock();
    const pod = fn.pods.get(name);
    if (!pod) {
      this.#tellRelease(fn, lease, name, count);
      return;
    }
    pod.allowed += count;
    fn.pumpLeased();
    if (lease.contended && fn.queue.length === 0) this.#giveBack(fn, lease, pod);
  }

  #setContended(fn: FunctionState, lease: Lease, contended: boolean): void {
    lease.contended = contended;
    if (contended) this.#giveBackIdle(fn, lease);
  }

  #giveBackIdle(fn: FunctionState, lease: Lease): void {
    for (const pod of fn.pods.values()) this.#giveBack(fn, lease, pod);
  }

  #giveBack(fn: FunctionState, lease: Lease, pod: Pod): void {
    const idle = pod.allowed - pod.running;
    if (!Number.isFinite(pod.slots) || idle <= 0) return;
    pod.allowed -= idle;
    this.#tellRelease(fn, lease, pod.name, idle);
  }

  #tellRelease(fn: FunctionState, lease: Lease, pod: string, count: number): void {
    if (lease.ledger) {
      lease.ledger.release(this.#self, pod, count);
      if (lease.ledger.contended) queueMicrotask(() => this.#share(fn, lease));
    } else this.#mesh.send(lease.owner, { type: 'release', members: this.#view, fn: fn.key, pod, count });
  }

  #gatherLoads(fn: FunctionState, loads: Holdings): void {
    for (const pod of fn.pods.values()) {
      const id = `${fn.key}/${pod.name}`;
      if ((this.#toldLoads.get(id) ?? 0) === pod.running) continue;
      if (pod.running === 0) this.#toldLoads.delete(id);
      else this.#toldLoads.set(id, pod.running);
      const own = loads[fn.key] ?? {};
      own[pod.name] = pod.running;
      loads[fn.key] = own;
    }
  }

  /** Of two activators this is exact; of more, the last one's word stands for all others'. */
  #takeLoads(loads: Holdings): void {
    for (const [key, pods] of Object.entries(loads)) {
      for (const [name, running] of Object.entries(pods)) {
        const pod = this.#table().get(key)?.pods.get(name);
        if (pod) pod.runningElsewhere = running * Math.max(1, this.#members.length - 1);
      }
    }
  }
}

function idleSlots(fn: FunctionState): number {
  let idle = 0;
  for (const pod of fn.pods.values()) if (pod.serving) idle += Math.max(0, pod.room);
  return idle;
}

function limited(fn: FunctionState): boolean {
  return fn.spec.concurrency > 0;
}
