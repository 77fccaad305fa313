/** A pod of a pool, as far as it matters here. */
export interface PoolPodView {
  name: string;
  template: string;
  /** Free and not ending; claimed; or over (its processes have ended, or it is being deleted). */
  state: 'free' | 'claimed' | 'ended' | 'deleting';
  ready: boolean;
}

export interface RefillPlan {
  create: number;
  remove: string[];
  /** There are still some to be made, later. */
  more: boolean;
}

/**
 * What brings a pool to its size; pure. At most `allowed` pods are made now: a refill takes the CPU from the very wakes that emptied the pool. Those of another template can be claimed by nobody, and go at
 * once; of too many, those that are not ready go first.
 */
export function refill(pods: readonly PoolPodView[], size: number, template: string, allowed: number): RefillPlan {
  const remove = pods
    .filter(({ state, template: of }) => state === 'ended' || (state === 'free' && of !== template))
    .map(({ name }) => name);
  const free = pods
    .filter(({ state, template: of }) => state === 'free' && of === template)
    .sort((a, b) => Number(a.ready) - Number(b.ready));
  if (free.length > size) remove.push(...free.slice(0, free.length - size).map(({ name }) => name));
  const missing = Math.max(0, size - free.length);
  const create = Math.min(missing, allowed);
  return { create, remove, more: missing > create };
}
