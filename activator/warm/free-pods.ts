import type { Claim, Free } from '../../common/api/announcement.ts';

/** A pod of a warm pool that has announced itself to this activator and belongs to no function yet. */
export interface FreePod {
  readonly free: Free;
  claim(message: Claim): void;
}

/** The free pods of all pools. */
export class FreePods {
  readonly #pods = new Map<string, Set<FreePod>>();

  add(pod: FreePod): void {
    const key = keyOf(pod.free);
    const pods = this.#pods.get(key) ?? new Set();
    this.#pods.set(key, pods.add(pod));
  }

  remove(pod: FreePod): void {
    const key = keyOf(pod.free);
    const pods = this.#pods.get(key);
    pods?.delete(pod);
    if (pods?.size === 0) this.#pods.delete(key);
  }

  /** Takes one out, any: activators that took them in the same order would all claim the same one. Undefined when there is none. */
  take(of: Pick<Free, 'namespace' | 'pool' | 'template'>): FreePod | undefined {
    const pods = [...(this.#pods.get(keyOf(of)) ?? [])];
    const pod = pods[Math.floor(Math.random() * pods.length)];
    if (pod) this.remove(pod);
    return pod;
  }

  get size(): number {
    let size = 0;
    for (const pods of this.#pods.values()) size += pods.size;
    return size;
  }
}

const keyOf = ({ namespace, pool, template }: Pick<Free, 'namespace' | 'pool' | 'template'>): string => `${namespace}/${pool}/${template}`;
