import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ClaimedPod, DemandMessage } from '../../common/api/demand.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { WarmStatus } from '../../common/api/function-status.ts';
import { FUNCTION_LABEL, POOL_STATE_LABEL, POOL_TEMPLATE_LABEL, REVISION_LABEL } from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool, WarmPoolStatus } from '../../common/api/warm-pool.ts';
import { keyOf } from '../../common/kube/store.ts';
import type { Deployment, KubeObject, Pod } from '../function/objects.ts';
import { owner } from '../function/owner.ts';
import { hasEnded, isReady } from '../function/pod-state.ts';
import type { Problem } from '../function/problems.ts';
import { refusalOf } from '../function/refusal.ts';
import type { Settings } from '../function/settings.ts';
import { eligible } from './eligible.ts';
import type { WarmPoolMetrics } from './metrics.ts';
import { type PoolTemplate, poolPod, poolPolicy, poolTemplate } from './pool-pod.ts';
import { howEnded, poolProblem } from './pool-problem.ts';
import { PoolRecord } from './pool-record.ts';
import { poolStatus } from './pool-status.ts';
import { type PoolPodView, refill } from './refill.ts';
import { RuntimePools } from './runtime-pools.ts';
import { poolSize, type Size } from './size.ts';

/** The status is written at most this often while only its counters change. */
const STATUS_MILLIS = 10_000;

/** What is read: caches. Keys are NAMESPACE/NAME. */
export interface WarmReader {
  function(key: string): LullFunction | undefined;
  functions(): LullFunction[];
  runtime(name: string): LullRuntime | undefined;
  runtimes(): LullRuntime[];
  deployments(key: string): Deployment[];
  warmPool(key: string): LullWarmPool | undefined;
  warmPools(): LullWarmPool[];
  poolPods(key: string): Pod[];
  podsStarting(now: number): number;
}

export interface WarmWriter {
  apply(object: KubeObject): Promise<void>;
  createPod(pod: KubeObject): Promise<boolean>;
  removePod(namespace: string, name: string): Promise<void>;
  /** Changes labels and owner of a pod; nothing happens when it is gone. */
  adoptPod(namespace: string, name: string, metadata: object): Promise<void>;
  removePool(namespace: string, name: string): Promise<void>;
  writePoolStatus(pool: LullWarmPool, status: WarmPoolStatus): Promise<void>;
  writeWarmStatus(fn: LullFunction, status: WarmStatus | undefined): Promise<void>;
}

export interface WarmPoolsOptions {
  read: WarmReader;
  write: WarmWriter;
  settings: Settings;
  poolAgain: (key: string, afterMillis: number) => void;
  metrics: WarmPoolMetrics;
  /** The time of day, in milliseconds: schedules go by it, and wakes are remembered by it. */
  now: () => number;
}

/**
 * Keeps warm pools: their pods at their size, the API told of what was claimed, what they cost and save, and which functions may use them. Pods are made one by one, and by nobody else: a claimed pod stays what
 * it is, where a ReplicaSet would at once start another, in the middle of the burst that took it.
 */
export class WarmPools {
  readonly #options: WarmPoolsOptions;
  readonly #records = new Map<string, PoolRecord>();
  /** By activator, by NAMESPACE/POD. */
  readonly #claimed = new Map<string, Record<string, ClaimedPod>>();
  /** By activator: functions whose callers all wait. */
  readonly #waiting = new Map<string, number>();
  readonly #applied = new Map<string, string>();
  readonly #runtimePools: RuntimePools;
  readonly #templates = new WeakMap<LullWarmPool, { runtime: LullRuntime; template: PoolTemplate }>();

  constructor(options: WarmPoolsOptions) {
    this.#options = options;
    this.#runtimePools = new RuntimePools(options);
  }

  /** An activator has said what is claimed, and what it counts. */
  told(activator: string, { claimed, pools, functions }: DemandMessage): void {
    const now = this.#options.now();
    let waiting = 0;
    for (const [held, running] of Object.values(functions)) if (held > 0 && running === 0) waiting += 1;
    this.#waiting.set(activator, waiting);
    if (claimed) this.#claimed.set(activator, claimed);
    else if (pools) this.#claimed.delete(activator);
    for (const [key, use] of Object.entries(pools ?? {})) this.#records.get(key)?.told(activator, use, now);
    for (const [pod, { pool }] of Object.entries(claimed ?? {})) {
      const key = `${pod.slice(0, pod.indexOf('/'))}/${pool}`;
      const known = this.#options.read.poolPods(key).find(({ metadata }) => metadata.name === pod.slice(pod.indexOf('/') + 1));
      if (known && isFree(known)) this.#options.poolAgain(key, 0);
    }
  }

  /** Somebody has changed or deleted what was applied for a pool: at the next look it is applied anew. */
  forgetApplied(key: string): void {
    this.#applied.delete(key);
  }

  forget(activator: string): void {
    this.#claimed.delete(activator);
    this.#waiting.delete(activator);
  }

  async reconcilePool(key: string): Promise<void> {
    const { read, write, now } = this.#options;
    const pool = read.warmPool(key);
    if (!pool || pool.metadata.deletionTimestamp) {
      // Its free pods go by their owner references; claimed ones are their functions', and only nobody looks at them any more when they have ended.
      for (const pod of read.poolPods(key)) {
        const { namespace = 'default', name, deletionTimestamp } = pod.metadata;
        if (hasEnded(pod) && !deletionTimestamp) await write.removePod(namespace, name);
      }
      this.#records.delete(key);
      this.#applied.delete(key);
      this.#options.metrics.forget(key);
      return;
    }
    const record = this.#records.get(key) ?? new PoolRecord(pool.status, now());
    this.#records.set(key, record);
    await this.#adopt(key, record);
    let size: Size;
    try {
      size = poolSize(pool.spec, record.wakes, now());
    } catch (error) {
      const { message } = error as Error;
      await this.#report(pool, record, { size: 0, why: '' }, '', 0, { reason: 'WrongSchedule', message });
      return;
    }
    const runtime = read.runtime(pool.spec.runtime);
    if (!runtime) {
      const message = `spec.runtime: there is no Runtime "${pool.spec.runtime}"; kubectl get runtimes lists those there are`;
      await this.#report(pool, record, size, '', 0, { reason: 'RuntimeNotFound', message });
      return;
    }
    const template = this.#template(pool, runtime);
    try {
      await this.#applyPolicy(key, pool);
    } catch (error) {
      const refusal = refusalOf(error);
      const message = `the API server refuses its NetworkPolicy, without which no pod is made: ${refusal}`;
      if (refusal !== undefined) await this.#report(pool, record, size, template.hash, 0, { reason: 'PolicyRefused', message });
      throw error;
    }
    const seen = read.poolPods(key);
    const names = new Set(seen.map(({ metadata }) => metadata.name));
    for (const known of record.adopted) if (!names.has(known)) record.adopted.delete(known);
    const pods = seen.map((pod) => view(pod, record.adopted));
    const free = pods.filter(({ state, ready, template: of }) => state === 'free' && ready && of === template.hash).length;
    record.pass(free, now());
    record.use(template.hash);
    const mine = seen.filter(
      ({ metadata }) => metadata.labels?.[POOL_TEMPLATE_LABEL] === template.hash && !record.adopted.has(metadata.name),
    );
    for (const pod of mine) if (isFree(pod) && pod.status?.phase === 'Failed') record.failed(pod.metadata.name, howEnded(pod), now());
    if (free >= size.size) record.healthy();
    const unseen = record.unseen(names, now());
    const allowed = record.yields(Math.max(read.podsStarting(now()), this.#functionsWaiting), now()) ? 0 : record.allowed(now());
    const plan = refill(pods, Math.max(0, size.size - unseen), template.hash, allowed);
    for (const pod of plan.remove) await write.removePod(pool.metadata.namespace ?? 'default', pod);
    for (let i = 0; i < plan.create && (await this.#create(pool, template, record)); i += 1);
    if (plan.more) this.#options.poolAgain(key, 500);
    const waiting = mine.filter((pod) => isFree(pod) && !hasEnded(pod));
    const problem =
      free >= size.size ? undefined : poolProblem({ pods: waiting, refusal: record.refusal, ended: record.ended, now: now() });
    await this.#report(pool, record, size, template.hash, free, problem);
  }

  async #applyPolicy(key: string, pool: LullWarmPool): Promise<void> {
    const { write, settings } = this.#options;
    const policy = poolPolicy(pool, settings);
    const fingerprint = JSON.stringify([pool.metadata.uid, policy]);
    if (this.#applied.get(key) === fingerprint) return;
    // Before it is there: what somebody does to it meanwhile is to be undone, too.
    this.#applied.set(key, fingerprint);
    try {
      await write.apply(policy);
    } catch (error) {
      this.#applied.delete(key);
      throw error;
    }
  }

  /** False when the API server wants no such pod: then neither are others made now. */
  async #create(pool: LullWarmPool, template: PoolTemplate, record: PoolRecord): Promise<boolean> {
    const { write, now } = this.#options;
    const name = `${pool.metadata.name.replaceAll('.', '-')}-${randomBytes(3).toString('hex')}`;
    record.created(name, now());
    try {
      await write.createPod(poolPod(pool, template, name));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      record.refused(name, refusal, now());
      return false;
    }
    record.accepted();
    return true;
  }

  /** Tells the API whose the claimed pods are. */
  async #adopt(key: string, record: PoolRecord): Promise<void> {
    const { read, write } = this.#options;
    const namespace = key.slice(0, key.indexOf('/'));
    for (const pod of read.poolPods(key)) {
      if (!isFree(pod) || pod.metadata.deletionTimestamp || record.adopted.has(pod.metadata.name)) continue;
      const claim = this.#claimOf(`${namespace}/${pod.metadata.name}`);
      if (!claim) continue;
      const fn = read.function(`${namespace}/${claim.function}`);
      if (!fn) {
        await write.removePod(namespace, pod.metadata.name);
        continue;
      }
      await write.adoptPod(namespace, pod.metadata.name, {
        labels: {
          [FUNCTION_LABEL]: claim.function,
          [REVISION_LABEL]: claim.revision,
          'app.kubernetes.io/name': claim.function,
          [POOL_STATE_LABEL]: 'claimed',
        },
        ownerReferences: [owner(fn)],
      });
      // The cache shows it a moment later.
      record.adopted.add(pod.metadata.name);
      record.claimed();
    }
  }

  /** Made once for the objects that it is made from: each event of a function's pods asks for it, in the middle of a cold start. */
  #template(pool: LullWarmPool, runtime: LullRuntime): PoolTemplate {
    const known = this.#templates.get(pool);
    if (known?.runtime === runtime) return known.template;
    const template = poolTemplate(pool, runtime, this.#options.settings);
    this.#templates.set(pool, { runtime, template });
    return template;
  }

  get #functionsWaiting(): number {
    let sum = 0;
    for (const waiting of this.#waiting.values()) sum += waiting;
    return sum;
  }

  #claimOf(pod: string): ClaimedPod | undefined {
    for (const claimed of this.#claimed.values()) if (claimed[pod]) return claimed[pod];
    return undefined;
  }

  /** Whether a function may use a pool, and why not. */
  async reconcileFunction(key: string): Promise<void> {
    const { read, write } = this.#options;
    const fn = read.function(key);
    if (!fn || fn.metadata.deletionTimestamp) return;
    const status = this.#warmStatus(fn, key);
    if (!isDeepStrictEqual(fn.status?.warm, status)) await write.writeWarmStatus(fn, status);
  }

  #warmStatus(fn: LullFunction, key: string): WarmStatus | undefined {
    const { read } = this.#options;
    const runtime = fn.spec.runtime === undefined ? undefined : read.runtime(fn.spec.runtime);
    const candidates = read
      .warmPools()
      .filter(
        ({ metadata, spec }) =>
          metadata.namespace === fn.metadata.namespace && spec.runtime === fn.spec.runtime && !metadata.deletionTimestamp,
      );
    if (!runtime) return undefined;
    // One that Runtime.spec.warm would make says why not, where no function can use it.
    const implicit = candidates.length === 0 ? this.#runtimePools.of(runtime, fn.metadata.namespace ?? 'default') : undefined;
    if (implicit) candidates.push(implicit);
    if (candidates.length === 0) return undefined;
    const revision = fn.status?.activeRevision;
    const template = read.deployments(key).find(({ metadata }) => metadata.name === revision)?.spec.template;
    if (revision === undefined || !template) return { eligible: false, reason: 'it has no revision yet' };
    const verdicts = candidates.map((pool) => {
      const made = this.#template(pool, runtime);
      return eligible({
        fn,
        template,
        revision,
        command: runtime.spec.command,
        pool: { name: pool.metadata.name, hash: made.hash, template: made.likeFunction },
      });
    });
    return verdicts.find((verdict) => verdict.eligible) ?? verdicts[0];
  }

  /** Runtime.spec.warm. */
  syncRuntimes(): Promise<void> {
    return this.#runtimePools.sync();
  }

  async #report(
    pool: LullWarmPool,
    record: PoolRecord,
    size: Size,
    template: string,
    free: number,
    problem: Problem | undefined,
  ): Promise<void> {
    const { write, metrics, now } = this.#options;
    metrics.report(keyOf(pool), record.figures(size.size, free));
    const next = poolStatus({ pool, size, template, free, problem, counts: record, now: now() });
    const { idlePodSeconds: _a, ...shown } = next;
    const { idlePodSeconds: _b, ...known } = pool.status ?? {};
    if (isDeepStrictEqual(shown, known) && now() - record.writtenAt < STATUS_MILLIS) return;
    record.writtenAt = now();
    await write.writePoolStatus(pool, next);
  }
}

const isFree = ({ metadata }: Pod): boolean => metadata.labels?.[POOL_STATE_LABEL] === 'free';

function view(pod: Pod, adopted: ReadonlySet<string>): PoolPodView {
  const { name, labels, deletionTimestamp } = pod.metadata;
  const state = deletionTimestamp ? 'deleting' : hasEnded(pod) ? 'ended' : isFree(pod) && !adopted.has(name) ? 'free' : 'claimed';
  return { name, template: labels?.[POOL_TEMPLATE_LABEL] ?? '', state, ready: isReady(pod) };
}
