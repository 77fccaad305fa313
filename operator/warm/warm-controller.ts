import { isDeepStrictEqual } from 'node:util';
import { POOL_TEMPLATE_LABEL } from '../../common/api/names.ts';
import type { LullWarmPool, WarmPoolStatus } from '../../common/api/warm-pool.ts';
import type { Pod } from '../function/objects.ts';
import { podProblem } from '../function/problems.ts';
import type { Settings } from '../function/settings.ts';
import type { ClaimedPods } from './claimed.ts';
import type { WarmReader, WarmWriter } from './cluster.ts';
import { endedHow, isReady } from './free-pod.ts';
import type { WarmMetrics } from './metrics.ts';
import { readyCondition } from './pool-condition.ts';
import { type PoolPods, poolPod, poolPods } from './pool-pod.ts';
import type { PoolUses } from './pool-uses.ts';
import { type FreePod, NEW_REFILL, type RefillState, refill } from './refill.ts';
import { poolSize } from './size.ts';
import { WakeHistory } from './wake-history.ts';

export interface WarmControllerOptions {
  read: Pick<WarmReader, 'warmPool' | 'runtime' | 'poolPods'>;
  write: Pick<WarmWriter, 'createPod' | 'removePod' | 'applyWarm' | 'writePoolStatus'>;
  claimed: Pick<ClaimedPods, 'isClaimed'>;
  uses: Pick<PoolUses, 'take'>;
  settings: Settings;
  metrics: Pick<WarmMetrics, 'report' | 'forget'>;
  /** Sees that `reconcile` is called for the key after so long. */
  again: (key: string, afterMillis: number) => void;
  /** Five letters or so that no other pod of the pool has. */
  suffix: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** What is remembered of a pool; lost with the process, but for what stands in the pool's status. */
interface Memory {
  uid: string | undefined;
  refill: RefillState;
  wakes: WakeHistory;
  /** Made, and not seen yet; deleted, and still seen: until when that is believed. */
  made: Map<string, number>;
  gone: Map<string, number>;
  applied: string;
  totals: { idleSeconds: number; claims: number; savedMillis: number };
  /** Free pods since `since`, for what they cost. */
  free: number;
  since: number;
  written: number;
}

/** So long a cache may be behind a write. */
const SEEN_MILLIS = 10_000;
/** Counters alone are no reason to write more often than this. */
const STATUS_MILLIS = 5000;
const IDLE_STATUS_MILLIS = 30_000;

/** Keeps the free pods of WarmPools, and their status. `reconcile` is given a key only and is idempotent. */
export class WarmController {
  readonly #options: WarmControllerOptions;
  readonly #memories = new Map<string, Memory>();

  constructor(options: WarmControllerOptions) {
    this.#options = options;
  }

  /** Something that was applied for a pool was changed or deleted by somebody. */
  forget(key: string): void {
    const memory = this.#memories.get(key);
    if (memory) memory.applied = '';
  }

  async reconcile(key: string): Promise<void> {
    const { read, metrics, now, again } = this.#options;
    const pool = read.warmPool(key);
    if (!pool || pool.metadata.deletionTimestamp) {
      // Its free pods go by their owner references; the claimed ones are their functions'.
      if (this.#memories.delete(key)) metrics.forget(key);
      return;
    }
    const memory = this.#memory(key, pool);
    const at = now();
    const gain = this.#options.uses.take(key);
    memory.wakes.add(gain.wakes, at);
    const runtime = read.runtime(pool.spec.runtime);
    const free = read.poolPods(key).filter((pod) => !pod.metadata.deletionTimestamp && !this.#options.claimed.isClaimed(pod));
    const idleSeconds = (memory.free * Math.max(0, at - memory.since)) / 1000;
    memory.since = at;
    memory.totals.idleSeconds += idleSeconds;
    memory.totals.claims += gain.claims;
    memory.totals.savedMillis += gain.savedMillis;
    if (!runtime) {
      memory.free = free.length;
      const message = `spec.runtime: there is no Runtime "${pool.spec.runtime}"; kubectl get runtimes lists those there are, kubectl apply adds one`;
      await this.#report(pool, memory, { refused: { reason: 'RuntimeNotFound', message } }, at);
      return;
    }
    const pods = poolPods(pool, runtime, this.#options.settings);
    let size: ReturnType<typeof poolSize>;
    try {
      size = poolSize(pool.spec, memory.wakes, at);
    } catch (error) {
      await this.#report(pool, memory, { refused: { reason: 'ScheduleInvalid', message: (error as Error).message } }, at);
      return;
    }
    await this.#applyPolicy(pods, memory, pool);
    await this.#refill(key, pool, pods, free, size.size, memory, at);
    const ready = free.filter((pod) => isReady(pod) && pod.metadata.labels?.[POOL_TEMPLATE_LABEL] === pods.hash).length;
    metrics.report(key, { size: size.size, free: ready, idleSeconds, claims: gain.claims, savedSeconds: gain.savedMillis / 1000 });
    const problem = podProblem(free);
    const seen = { size: size.size, sizeReason: size.reason, free: ready, template: pods.hash, crashes: memory.refill.crashes };
    await this.#report(pool, memory, { seen, ...(problem && { problem }) }, at);
    again(key, Math.max(1000, Math.min(IDLE_STATUS_MILLIS, size.until - at)));
  }

  #memory(key: string, pool: LullWarmPool): Memory {
    const known = this.#memories.get(key);
    if (known && known.uid === pool.metadata.uid) return known;
    const { idlePodSeconds = 0, claims = 0, savedMilliseconds = 0 } = pool.status ?? {};
    const memory: Memory = {
      uid: pool.metadata.uid,
      refill: NEW_REFILL,
      wakes: new WakeHistory(),
      made: new Map(),
      gone: new Map(),
      applied: '',
      totals: { idleSeconds: idlePodSeconds, claims, savedMillis: savedMilliseconds },
      free: 0,
      since: this.#options.now(),
      written: Number.NEGATIVE_INFINITY,
    };
    this.#memories.set(key, memory);
    return memory;
  }

  /** Before the first pod that it is to protect. */
  async #applyPolicy({ networkPolicy }: PoolPods, memory: Memory, pool: LullWarmPool): Promise<void> {
    const fingerprint = JSON.stringify([pool.metadata.uid, networkPolicy]);
    if (memory.applied === fingerprint) return;
    await this.#options.write.applyWarm(networkPolicy);
    memory.applied = fingerprint;
  }

  async #refill(
    key: string,
    pool: LullWarmPool,
    pods: PoolPods,
    free: readonly Pod[],
    size: number,
    memory: Memory,
    at: number,
  ): Promise<void> {
    const { read, write, again, suffix } = this.#options;
    const namespace = pool.metadata.namespace ?? 'default';
    const known = new Set(read.poolPods(key).map(({ metadata }) => metadata.name));
    for (const [name, until] of memory.made) if (known.has(name) || until < at) memory.made.delete(name);
    for (const [name, until] of memory.gone) if (!known.has(name) || until < at) memory.gone.delete(name);
    const seen = free.flatMap((pod): FreePod[] => {
      const { name, labels } = pod.metadata;
      if (memory.gone.has(name)) return [];
      const ended = endedHow(pod);
      return [{ name, current: labels?.[POOL_TEMPLATE_LABEL] === pods.hash, ready: isReady(pod), ...(ended && { ended }) }];
    });
    const coming = [...memory.made.keys()].map((name): FreePod => ({ name, current: true, ready: false }));
    const plan = refill([...seen, ...coming], size, memory.refill, at);
    memory.refill = plan.state;
    for (const name of plan.remove) {
      if (memory.made.has(name)) continue;
      await write.removePod(namespace, name);
      memory.gone.set(name, at + SEEN_MILLIS);
    }
    for (let made = 0; made < plan.create; made += 1) {
      const pod = poolPod(pool, pods, suffix());
      if (await write.createPod(pod)) memory.made.set(pod.metadata.name, at + SEEN_MILLIS);
    }
    memory.free = seen.filter(({ ended }) => !ended).length + memory.made.size;
    if (plan.again !== undefined) again(key, plan.again);
  }

  async #report(pool: LullWarmPool, memory: Memory, looked: Parameters<typeof readyCondition>[1], at: number): Promise<void> {
    const { idleSeconds, claims, savedMillis } = memory.totals;
    const { seen } = looked;
    const facts: WarmPoolStatus = {
      observedGeneration: pool.metadata.generation ?? 0,
      conditions: [readyCondition(pool, looked, new Date(at))],
      size: seen?.size ?? 0,
      free: seen?.free ?? 0,
      ...(seen && { sizeReason: seen.sizeReason, template: seen.template }),
    };
    const counters = { claims, idlePodSeconds: Math.floor(idleSeconds), savedMilliseconds: Math.round(savedMillis) };
    const { claims: toldClaims = 0, idlePodSeconds: toldIdle = 0, savedMilliseconds: toldSaved = 0, ...told } = pool.status ?? {};
    const sameCounters = isDeepStrictEqual(counters, { claims: toldClaims, idlePodSeconds: toldIdle, savedMilliseconds: toldSaved });
    const since = at - memory.written;
    // The words of an automatic size change with every wake; they wait like the counters.
    const urgent = !isDeepStrictEqual({ ...told, sizeReason: '' }, { ...facts, sizeReason: '' });
    const due = toldClaims !== claims || told.sizeReason !== facts.sizeReason ? STATUS_MILLIS : IDLE_STATUS_MILLIS;
    if (!urgent && ((sameCounters && told.sizeReason === facts.sizeReason) || since < due)) {
      if (!sameCounters) this.#options.again(`${pool.metadata.namespace}/${pool.metadata.name}`, Math.max(1, due - since));
      return;
    }
    memory.written = at;
    await this.#options.write.writePoolStatus(pool, { ...facts, ...counters });
  }
}
