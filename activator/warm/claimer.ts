import { randomUUID } from 'node:crypto';
import type { Announce } from '../../common/api/announcement.ts';
import type { ClaimedPod, PoolUse } from '../../common/api/demand.ts';
import type { Clock } from '../clock.ts';
import type { FunctionState } from '../function-state.ts';
import type { Pod } from '../pods/pod.ts';
import { ColdStart } from '../wake/cold-start.ts';
import { claimEnvironment, referredNames } from './environment.ts';
import { FreePods } from './free-pods.ts';
import { retire } from './retire.ts';

/** A pod that has not answered its claim by then is not counted on; should it still answer it is the function's all the same. */
const CLAIM_MILLIS = 250;

/**
 * The ordinary wake is begun so long after the claim, unless a request waits that no claimed pod takes: a pod that starts takes the CPU from the very request that was to be answered before it, and from the other functions of a
 * burst, of which the first to come have the claimed pods. By then those that have none are waiting for their turn, and go first (wake/starts.ts).
 */
const WAKE_MILLIS = 500;

/** A claimed pod that has served so long while its function's Deployment is still at zero: the activator that was to wake it may be gone. Or its turn has not come there, and asking twice does no harm. */
const LOST_WAKE_MILLIS = 6000;

interface Pending {
  fn: FunctionState;
  sent: number;
}

export interface ClaimerOptions {
  clock: Clock;
  functions: () => Iterable<FunctionState>;
  /** The ordinary wake. */
  wake: (fn: FunctionState) => void;
  /** A claim ended: claimed, refused, timeout. Or there was none to be had: empty. */
  claimed: (result: 'claimed' | 'refused' | 'timeout' | 'empty') => void;
}

/**
 * Gives functions that wake a pod of a warm pool, in memory: no write to the API lies between a held request and its answer. The pod decides whose it is; a claim that fails, or that there is no pod for,
 * costs nothing, for the ordinary wake follows at once.
 */
export class Claimer {
  readonly free = new FreePods();
  readonly #options: ClaimerOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #uses = new Map<string, PoolUse>();
  readonly #counted = new WeakSet<ColdStart>();
  draining = false;
  /** There is another claimed pod than the operator was told. */
  hasNews = false;

  constructor(options: ClaimerOptions) {
    this.#options = options;
  }

  /** Requests wait, and no pod has room for them. */
  wanting(fn: FunctionState): void {
    const { eligible, pool, template, revision: judged } = fn.warm ?? {};
    if (!eligible || pool === undefined || template === undefined || this.draining || fn.stopped || fn.queue.length === 0) return;
    const revision = fn.activeRevision;
    if (revision === undefined || judged !== revision || fn.revisions.get(revision)?.variables === undefined) return;
    let there = 0;
    let unlent = 0;
    for (const pod of fn.pods.values()) {
      // A pod of its own has come: the autoscaler goes on from here.
      if (pod.pool === '' && pod.serving) return;
      if (pod.pool === '' || pod.draining) continue;
      there += 1;
      // It is claimed already, and its slots come from the function's owner in a moment (slots/).
      if (pod.serving && pod.allowed <= 0) unlent += 1;
    }
    fn.coldStart ??= new ColdStart(this.#options.clock());
    this.#count(fn, `${fn.namespace}/${pool}`);
    const concurrency = Math.max(1, fn.revisions.get(revision)?.concurrency || 1);
    const wanted = Math.min(Math.ceil(fn.queue.length / concurrency), fn.spec.max - there) - fn.claims - unlent;
    for (let i = 0; i < wanted; i += 1) if (!this.#claim(fn, revision, { namespace: fn.namespace, pool, template })) break;
    // Requests of its own that no claimed pod takes.
    if (fn.claims === 0 && unlent === 0) this.#wakeNow(fn);
  }

  /** The pod that a claim went to has announced itself as the function's, here or elsewhere. */
  answered(message: Announce): void {
    const pending = message.claim === undefined ? undefined : this.#pending.get(message.claim);
    if (message.claim === undefined || !pending) return;
    this.#end(message.claim, pending, 'claimed');
  }

  refused(claim: string): void {
    const pending = this.#pending.get(claim);
    if (!pending) return;
    this.#end(claim, pending, 'refused');
    pending.fn.pump();
    this.#wakeUnlessClaiming(pending.fn);
  }

  /** A pod of the function has announced itself: it may know what only the kubelet could read, and claimed ones may go now. */
  announced(fn: FunctionState, pod: Pod): void {
    ask(fn, pod);
    if (pod.pool !== '') {
      this.hasNews = true;
      // Whichever activator claimed it, and however late the pod answers.
      if (fn.coldStart) fn.coldStart.claimed ??= this.#options.clock();
    }
    this.#retire(fn);
  }

  /** A wake has been answered. */
  woke(fn: FunctionState, cold: ColdStart, firstByte: number): void {
    const pool = fn.warm?.pool;
    if (pool === undefined) return;
    const use = this.#use(`${fn.namespace}/${pool}`);
    const millis = firstByte - cold.begun;
    if (cold.claimed === undefined) {
      use.ordinaryMillis += millis;
      use.ordinaryCount += 1;
    } else {
      use.claimedMillis += millis;
      use.claimedCount += 1;
    }
  }

  /** Called every 100 ms; `second` once a second. */
  tick(second: boolean): void {
    const now = this.#options.clock();
    for (const [id, pending] of this.#pending) {
      if (now - pending.sent < CLAIM_MILLIS) continue;
      this.#end(id, pending, 'timeout');
      pending.fn.pump();
      this.#wakeUnlessClaiming(pending.fn);
    }
    if (!second) return;
    for (const fn of this.#options.functions()) {
      let claimed = false;
      for (const pod of fn.pods.values()) {
        // It may have become eligible when its pods had announced themselves already.
        if (pod.pool === '' && pod.announced && !fn.told.has(pod.revision)) ask(fn, pod);
        if (pod.pool === '') continue;
        claimed = true;
        // The API may never have shown it as the function's.
        if (pod.announced || pod.apiReady || pod.running > 0) continue;
        pod.close();
        fn.pods.delete(pod.name);
        if (fn.pods.size === 0) fn.coldStart = undefined;
      }
      if (!claimed) continue;
      this.#retire(fn);
      this.#wakeIfLost(fn, now);
    }
  }

  /** For the operator: claimed pods that are announced here, by NAMESPACE/POD. */
  claimedPods(): Record<string, ClaimedPod> | undefined {
    let pods: Record<string, ClaimedPod> | undefined;
    for (const fn of this.#options.functions()) {
      for (const pod of fn.pods.values()) {
        if (pod.pool === '' || !pod.announced) continue;
        pods ??= {};
        pods[`${fn.namespace}/${pod.name}`] = { pool: pod.pool, function: fn.name, revision: pod.revision };
      }
    }
    return pods;
  }

  uses(): Record<string, PoolUse> | undefined {
    return this.#uses.size === 0 ? undefined : Object.fromEntries(this.#uses);
  }

  #claim(fn: FunctionState, revision: string, of: Parameters<FreePods['take']>[0]): boolean {
    const env = claimEnvironment(fn.revisions.get(revision)?.variables ?? [], fn.told.get(revision));
    if (!env) return false;
    const digest = env['LULL_CODE_DIGEST'];
    const files = digest === undefined ? undefined : fn.code.get(digest);
    if (digest !== undefined && !files) return false;
    const pod = this.free.take(of);
    if (!pod) {
      this.#options.claimed('empty');
      return false;
    }
    const id = randomUUID();
    this.#pending.set(id, { fn, sent: this.#options.clock() });
    fn.claims += 1;
    if (!fn.wake.deferred && fn.replicasOf(revision) === 0) {
      fn.wake.deferred = true;
      setTimeout(() => this.#wakeNow(fn), WAKE_MILLIS);
    }
    pod.claim({ type: 'claim', id, function: fn.name, revision, env, ...(digest !== undefined && files && { code: { digest, files } }) });
    return true;
  }

  #end(id: string, { fn }: Pending, result: 'claimed' | 'refused' | 'timeout'): void {
    this.#pending.delete(id);
    fn.claims -= 1;
    this.#options.claimed(result);
  }

  #wakeNow(fn: FunctionState): void {
    if (!fn.wake.deferred) return;
    fn.wake.deferred = false;
    if (fn.stopped || fn.gone) return;
    // Though nobody may be held any more: its own pod is to come.
    fn.wake.asked = true;
    this.#options.wake(fn);
  }

  /** The claim's activator may have died before the ordinary wake; the pod is announced to all of them. */
  #wakeIfLost(fn: FunctionState, now: number): void {
    const { activeRevision, wake, stopped } = fn;
    if (activeRevision === undefined || wake.deferred || wake.asked || stopped || fn.replicasOf(activeRevision) !== 0) return;
    const awakeAt = fn.revisions.get(activeRevision)?.awakeAt ?? Number.NEGATIVE_INFINITY;
    for (const { pool, revision, announced, draining, listeningSince, running, usedAt } of fn.pods.values()) {
      const isSo = pool !== '' && revision === activeRevision && announced && !draining;
      if (!isSo || listeningSince === undefined || now - listeningSince < LOST_WAKE_MILLIS) continue;
      // It was woken and has gone to zero since; a spare pod that nobody calls ends by itself (retire.ts).
      if (running === 0 && Math.max(usedAt, listeningSince) <= awakeAt) continue;
      wake.asked = true;
      this.#options.wake(fn);
      return;
    }
  }

  #wakeUnlessClaiming(fn: FunctionState): void {
    if (fn.claims === 0) this.#wakeNow(fn);
  }

  #retire(fn: FunctionState): void {
    const now = this.#options.clock();
    const { pods, activeRevision, queue } = fn;
    const replicas = activeRevision === undefined ? undefined : fn.replicasOf(activeRevision);
    const going = retire({
      pods: pods.values(),
      activeRevision,
      replicas,
      held: queue.length,
      isToWake: fn.wake.asked,
      now,
      replaced: fn.replaced,
    });
    for (const pod of going) {
      pod.draining = true;
      pod.say?.({ type: 'retire' });
    }
  }

  #count(fn: FunctionState, pool: string): void {
    if (!fn.coldStart || this.#counted.has(fn.coldStart)) return;
    this.#counted.add(fn.coldStart);
    this.#use(pool).wakes += 1;
  }

  #use(pool: string): PoolUse {
    let use = this.#uses.get(pool);
    if (!use) {
      use = { wakes: 0, claimedMillis: 0, claimedCount: 0, ordinaryMillis: 0, ordinaryCount: 0 };
      this.#uses.set(pool, use);
    }
    return use;
  }
}

/** What only the kubelet could read, the pods of its own know. */
function ask(fn: FunctionState, pod: Pod): void {
  if (!fn.warm?.eligible || pod.pool !== '') return;
  const names = referredNames(fn.revisions.get(pod.revision)?.variables ?? []);
  if (names.length > 0) pod.say?.({ type: 'tell', names });
}
