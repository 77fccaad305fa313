import type { HoldQueue } from './hold-queue.ts';

/**
 * The bound on requests held by all functions together, shared fairly: when it is reached, whoever holds most gives way, so that a flooded function cannot
 * keep another one's few requests from waiting for their wake (longest-queue drop; Suter et al., INFOCOM 1998).
 */
export class Holds {
  readonly limit: number;
  total = 0;
  readonly #queues = new Set<HoldQueue>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Keeps count of a queue's length. */
  changed(queue: HoldQueue, by: 1 | -1): void {
    this.total += by;
    if (by === 1 && queue.length === 1) this.#queues.add(queue);
    else if (queue.length === 0) this.#queues.delete(queue);
  }

  /** Where one has to give way for a request to be held in `queue`: undefined when there is room; `queue` itself when it holds most. */
  mustGiveWay(queue: HoldQueue): HoldQueue | undefined {
    if (this.total < this.limit) return undefined;
    let longest = queue;
    for (const other of this.#queues) if (other.length > longest.length + (longest === queue ? 1 : 0)) longest = other;
    return longest;
  }
}
