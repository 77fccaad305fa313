import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { API_VERSION, RUNTIME_POOL_LABEL } from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import { keyOf } from '../../common/kube/store.ts';
import { desired } from '../function/desired.ts';
import type { Settings } from '../function/settings.ts';
import { eligible } from './eligible.ts';
import { poolTemplate } from './pool-pod.ts';
import type { WarmReader, WarmWriter } from './warm-pools.ts';

/** A pool that nothing asks for any more goes after this: Helm deletes its Runtimes at an upgrade and makes them anew, and whoever replaces a function does the same. */
const UNWANTED_MILLIS = 60_000;

export interface RuntimePoolsOptions {
  read: Pick<WarmReader, 'functions' | 'runtimes' | 'warmPools'>;
  write: Pick<WarmWriter, 'apply' | 'removePool'>;
  settings: Settings;
  now: () => number;
}

/**
 * Runtime.spec.warm: a WarmPool in each namespace that has a function of the Runtime which can use it, where there is none of somebody's own. It is the Runtime's by its name, in a label: by an
 * owner reference, which is to a uid, it would go with a Runtime that is deleted for the moment in which it is made anew, and its pods and counters with it.
 */
export class RuntimePools {
  readonly #options: RuntimePoolsOptions;
  /** By the pool's key: since when nothing has asked for it. */
  readonly #unwanted = new Map<string, number>();
  readonly #made = new WeakMap<LullRuntime, Map<string, LullWarmPool>>();
  readonly #verdicts = new WeakMap<LullFunction, { runtime: LullRuntime; usable: boolean }>();

  constructor(options: RuntimePoolsOptions) {
    this.#options = options;
  }

  /** The pool that the Runtime's functions in a namespace have, or will have as soon as one of them can use it; undefined where spec.warm makes none. */
  of(runtime: LullRuntime, namespace: string): LullWarmPool | undefined {
    const { name } = runtime.metadata;
    const size = runtime.spec.warm ?? 0;
    const taken = this.#options.read
      .warmPools()
      .some(
        (pool) => pool.metadata.namespace === namespace && !isOf(pool, name) && (pool.spec.runtime === name || pool.metadata.name === name),
      );
    if (size === 0 || taken) return undefined;
    const known = this.#made.get(runtime) ?? new Map<string, LullWarmPool>();
    this.#made.set(runtime, known);
    const labels = { 'app.kubernetes.io/managed-by': 'lull', [RUNTIME_POOL_LABEL]: name };
    const pool: LullWarmPool = known.get(namespace) ?? {
      apiVersion: API_VERSION,
      kind: 'WarmPool',
      metadata: { name, namespace, labels },
      spec: { runtime: name, size },
    };
    known.set(namespace, pool);
    return pool;
  }

  async sync(): Promise<void> {
    const { read, write, now } = this.#options;
    const wanted = this.#wanted();
    const there = new Map(read.warmPools().map((pool) => [keyOf(pool), pool]));
    for (const [key, pool] of wanted) {
      this.#unwanted.delete(key);
      if (!isSame(there.get(key), pool)) await write.apply(pool as LullWarmPool & { metadata: { namespace: string } });
    }
    for (const key of this.#unwanted.keys()) if (!there.has(key)) this.#unwanted.delete(key);
    for (const [key, pool] of there) {
      const { name, namespace = 'default', labels, deletionTimestamp } = pool.metadata;
      if (wanted.has(key) || deletionTimestamp || !isOf(pool, pool.spec.runtime)) continue;
      const since = this.#unwanted.get(key) ?? now();
      this.#unwanted.set(key, since);
      const runtime = read.runtimes().find(({ metadata }) => metadata.name === labels?.[RUNTIME_POOL_LABEL]);
      // Somebody has said so, or has made a pool of their own.
      const atOnce = runtime !== undefined && this.of(runtime, namespace) === undefined;
      if (atOnce || now() - since >= UNWANTED_MILLIS) await write.removePool(namespace, name);
    }
  }

  #wanted(): Map<string, LullWarmPool> {
    const { read } = this.#options;
    const runtimes = new Map(
      read.runtimes().flatMap((runtime) => ((runtime.spec.warm ?? 0) > 0 ? [[runtime.metadata.name, runtime]] : [])),
    );
    const wanted = new Map<string, LullWarmPool>();
    if (runtimes.size === 0) return wanted;
    for (const fn of read.functions()) {
      const { namespace = 'default', deletionTimestamp } = fn.metadata;
      const runtime = runtimes.get(fn.spec.runtime ?? '');
      if (!runtime || deletionTimestamp || wanted.has(`${namespace}/${runtime.metadata.name}`)) continue;
      const pool = this.of(runtime, namespace);
      if (pool && this.#canUse(fn, runtime, pool)) wanted.set(keyOf(pool), pool);
    }
    return wanted;
  }

  /** By what the function says, and not by the Deployment that it has at the moment: at a new image of the Runtime none of these is like the pool's pods until it has rolled over. */
  #canUse(fn: LullFunction, runtime: LullRuntime, pool: LullWarmPool): boolean {
    const known = this.#verdicts.get(fn);
    if (known?.runtime === runtime) return known.usable;
    const usable = effectiveSpec(fn.spec).protocol === 'lambda' && this.#isLike(fn, runtime, pool);
    this.#verdicts.set(fn, { runtime, usable });
    return usable;
  }

  #isLike(fn: LullFunction, runtime: LullRuntime, pool: LullWarmPool): boolean {
    const { settings } = this.#options;
    // Whoever scales it by spec.replicas (KEDA, an HPA) does so up and down.
    const { replicas: _, ...spec } = fn.spec;
    const { deployment, revision } = desired(fn, runtime, settings);
    const { hash, likeFunction } = poolTemplate(pool, runtime, settings);
    const of = { name: pool.metadata.name, hash, template: likeFunction };
    return eligible({ fn: { ...fn, spec }, template: deployment.spec.template, revision, pool: of, command: runtime.spec.command })
      .eligible;
  }
}

/** Made for that Runtime: told by the label, or, of versions before it, by the owner. */
function isOf({ metadata }: LullWarmPool, runtime: string): boolean {
  return (
    metadata.labels?.[RUNTIME_POOL_LABEL] === runtime ||
    (metadata.ownerReferences?.some(({ kind, name }) => kind === 'Runtime' && name === runtime) ?? false)
  );
}

function isSame(there: LullWarmPool | undefined, wanted: LullWarmPool): boolean {
  return (
    there !== undefined &&
    there.spec.size === wanted.spec.size &&
    there.spec.runtime === wanted.spec.runtime &&
    there.metadata.labels?.[RUNTIME_POOL_LABEL] === wanted.spec.runtime &&
    !there.metadata.ownerReferences?.length
  );
}
