import type { ClaimedPod } from '../../common/api/demand.ts';
import { FUNCTION_LABEL, POOL_LABEL, POOL_STATE_LABEL, REVISION_LABEL } from '../../common/api/names.ts';
import type { Pod } from '../function/objects.ts';
import type { WarmReader, WarmWriter } from './cluster.ts';

export interface ClaimedPodsOptions {
  read: Pick<WarmReader, 'function' | 'deployments' | 'poolPod'>;
  write: Pick<WarmWriter, 'handOver' | 'removePod'>;
  /** Sees that `reconcile` is called for the pod. */
  again: (key: string) => void;
}

/**
 * Tells the API of pods that functions have taken, as the activators say: labels and owner, so that a pod counts for its function and goes with it. It deletes those that have ended,
 * and those whose function or revision is gone. `reconcile` is given a pod's key only and is idempotent.
 */
export class ClaimedPods {
  readonly #options: ClaimedPodsOptions;
  readonly #told = new Map<string, ClaimedPod>();

  constructor(options: ClaimedPodsOptions) {
    this.#options = options;
  }

  /** An activator has said so; once a second for as long as the pods are announced there. @return pools that have one free pod less than was known */
  told(claimed: Readonly<Record<string, ClaimedPod>>): string[] {
    return Object.entries(claimed).flatMap(([key, pod]) => {
      const known = this.#told.has(key);
      this.#told.set(key, pod);
      this.#options.again(key);
      return known ? [] : [`${key.slice(0, key.indexOf('/'))}/${pod.pool}`];
    });
  }

  /** Whether a function has it, whatever its labels say yet. */
  isClaimed({ metadata }: Pod): boolean {
    return metadata.labels?.[POOL_STATE_LABEL] === 'claimed' || this.#told.has(`${metadata.namespace}/${metadata.name}`);
  }

  async reconcile(key: string): Promise<void> {
    const { read, write } = this.#options;
    const pod = read.poolPod(key);
    if (!pod) {
      // Perhaps it is not seen yet: it is told again in a second.
      this.#told.delete(key);
      return;
    }
    if (!this.isClaimed(pod) || pod.metadata.deletionTimestamp) return;
    const { name, namespace = 'default', labels = {} } = pod.metadata;
    const told = this.#told.get(key);
    const of = { name: told?.function ?? labels[FUNCTION_LABEL], revision: told?.revision ?? labels[REVISION_LABEL] };
    const phase = pod.status?.phase;
    const fn = read.function(`${namespace}/${of.name}`);
    const hasRevision = fn && read.deployments(`${namespace}/${of.name}`).some(({ metadata }) => metadata.name === of.revision);
    // Ended, or of a revision that is no more: what still runs in it is finished within its grace.
    if (phase === 'Succeeded' || phase === 'Failed' || !fn || !hasRevision) {
      await write.removePod(namespace, name);
      return;
    }
    if (labels[POOL_STATE_LABEL] === 'claimed' && labels[FUNCTION_LABEL] === of.name && labels[REVISION_LABEL] === of.revision) return;
    if (labels[POOL_LABEL] !== undefined && of.revision !== undefined) await write.handOver(pod, fn, of.revision);
  }
}
