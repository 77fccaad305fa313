import { isDeepStrictEqual } from 'node:util';
import type { LullFunction, WarmStatus } from '../../common/api/function.ts';
import type { Settings } from '../function/settings.ts';
import type { WarmReader, WarmWriter } from './cluster.ts';
import { fits, referred, unfit } from './eligible.ts';
import { poolPods } from './pool-pod.ts';

export interface FunctionWarmOptions {
  read: Pick<WarmReader, 'function' | 'runtime' | 'deployments' | 'warmPoolsOf'>;
  write: Pick<WarmWriter, 'writeWarmStatus'>;
  settings: Settings;
}

/** Says in a Function's status whether a pod of a warm pool can be it, by which the activators go. `reconcile` is given a key only and is idempotent. */
export class FunctionWarm {
  readonly #options: FunctionWarmOptions;

  constructor(options: FunctionWarmOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<void> {
    const { read, write } = this.#options;
    const fn = read.function(key);
    if (!fn || fn.metadata.deletionTimestamp) return;
    const status = this.#status(fn, key);
    if (!isDeepStrictEqual(fn.status?.warm, status)) await write.writeWarmStatus(fn, status);
  }

  #status(fn: LullFunction, key: string): WarmStatus | undefined {
    const { read, settings } = this.#options;
    const runtime = fn.spec.runtime === undefined ? undefined : read.runtime(fn.spec.runtime);
    const pools = fn.spec.runtime === undefined ? [] : read.warmPoolsOf(fn.metadata.namespace ?? 'default', fn.spec.runtime);
    const revision = fn.status?.activeRevision;
    const active = read.deployments(key).find(({ metadata }) => metadata.name === revision);
    // Nothing to say where there is no pool, or not yet.
    if (!runtime || pools.length === 0 || revision === undefined || !active) return undefined;
    const reasons = [unfit(fn)];
    if (reasons[0] !== undefined) return { eligible: false, reason: reasons[0], revision };
    const { template } = active.spec;
    for (const pool of [...pools].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
      const { hash, template: free } = poolPods(pool, runtime, settings);
      const why = fits(template, { name: pool.metadata.name, template: free });
      if (why === undefined)
        return {
          eligible: true,
          reason: whyEligible(pool.metadata.name, referred(template)),
          pool: pool.metadata.name,
          template: hash,
          revision,
        };
      reasons.push(why);
    }
    return { eligible: false, reason: reasons[1] ?? '', revision };
  }
}

function whyEligible(pool: string, names: string[]): string {
  const first = `the first request at zero is answered by a pod of WarmPool "${pool}" if one is free`;
  if (names.length === 0) return first;
  return `${first}, after its first ordinary wake: ${names.join(', ')} come from Secrets or ConfigMaps, which only its own pods can tell`;
}
