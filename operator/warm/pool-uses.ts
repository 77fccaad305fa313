import type { PoolUse } from '../../common/api/demand.ts';

/** What has come to a pool since it was last asked. */
export interface PoolGain {
  wakes: number;
  claims: number;
  /** Milliseconds that callers waited less than for an ordinary wake, by the means of both; 0 while there is no ordinary one to compare with. */
  savedMillis: number;
}

/** An activator says its counters once a second: what it has not said within this time of its first word, it does not have. */
const FIRST_WORD_MILLIS = 2500;

/** The activators' counters, put together. What they counted before this process heard of them first is counted already, in the pools' status. */
export class PoolUses {
  readonly #activators = new Map<string, { since: number; pools: Map<string, PoolUse> }>();
  readonly #gains = new Map<string, PoolGain>();

  /** @param now monotonic milliseconds @return the pools that have gained something */
  told(activator: string, pools: Readonly<Record<string, PoolUse>>, now: number): string[] {
    const seen = this.#activators.get(activator) ?? { since: now, pools: new Map<string, PoolUse>() };
    this.#activators.set(activator, seen);
    const isFirst = now - seen.since < FIRST_WORD_MILLIS;
    return Object.entries(pools).flatMap(([key, use]) => {
      const known = seen.pools.get(key);
      seen.pools.set(key, use);
      if (!known && isFirst) return [];
      // Lower than before: the activator began anew at the same address.
      const before = known && known.wakes <= use.wakes && known.claims <= use.claims ? known : NOTHING;
      const wakes = use.wakes - before.wakes;
      const claims = use.claims - before.claims;
      if (wakes === 0 && claims === 0) return [];
      const gain = this.#gains.get(key) ?? { wakes: 0, claims: 0, savedMillis: 0 };
      const savedMillis = gain.savedMillis + Math.max(0, claims) * this.#savedByClaim(key);
      this.#gains.set(key, { wakes: gain.wakes + wakes, claims: gain.claims + claims, savedMillis });
      return [key];
    });
  }

  /** What the pool has gained, once. */
  take(key: string): PoolGain {
    const gain = this.#gains.get(key) ?? { wakes: 0, claims: 0, savedMillis: 0 };
    this.#gains.delete(key);
    return gain;
  }

  /** Activators that are there no more. */
  keepOnly(activators: readonly string[]): void {
    for (const address of this.#activators.keys()) if (!activators.includes(address)) this.#activators.delete(address);
  }

  #savedByClaim(key: string): number {
    const sum = { claimedMillis: 0, claimedCount: 0, ordinaryMillis: 0, ordinaryCount: 0 };
    for (const { pools } of this.#activators.values()) {
      const use = pools.get(key);
      if (use) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += use[name];
    }
    if (sum.ordinaryCount === 0 || sum.claimedCount === 0) return 0;
    return Math.max(0, sum.ordinaryMillis / sum.ordinaryCount - sum.claimedMillis / sum.claimedCount);
  }
}

const NOTHING: PoolUse = { wakes: 0, claims: 0, claimedMillis: 0, claimedCount: 0, ordinaryMillis: 0, ordinaryCount: 0 };
