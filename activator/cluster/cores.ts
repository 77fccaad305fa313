import { quantityValue } from '../../common/api/memory.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';

interface Node {
  spec?: { taints?: { effect: string }[] };
  status?: { allocatable?: { cpu?: string } };
}

interface NodeList {
  metadata?: { continue?: string };
  items: Node[];
}

/** Nodes come and go in minutes. */
const AGAIN_MILLIS = 120_000;
/** A node says 12 KB of itself, which are read in the thread that serves requests: 1,000 at once would take 150 ms. */
const PAGE = 25;

export interface CoresOptions {
  transport: KubeTransport;
  /** They could not be counted; told once, until they can be again. */
  failed: (error: unknown) => void;
}

/** How many cores pods of this cluster can be started on. */
export class Cores {
  readonly #options: CoresOptions;
  #count: number | undefined;
  #hasFailed = false;

  constructor(options: CoresOptions) {
    this.#options = options;
  }

  /** Undefined as long as it is not known, such as without the right to list nodes. */
  get count(): number | undefined {
    return this.#count;
  }

  start(): void {
    setInterval(() => void this.look(), AGAIN_MILLIS).unref();
    void this.look();
  }

  async look(): Promise<void> {
    try {
      let cores = 0;
      let from = '';
      do {
        const { body } = await this.#options.transport.request('GET', `/api/v1/nodes?limit=${PAGE}&continue=${encodeURIComponent(from)}`);
        const { items, metadata } = body as NodeList;
        cores += allocatableCores(items);
        from = metadata?.continue ?? '';
      } while (from !== '');
      this.#count = cores;
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#options.failed(error);
      this.#hasFailed = true;
    }
  }
}

/** Of the nodes that take any pod: no control plane, none that is cordoned or not ready, which Kubernetes marks by taints, too. */
export function allocatableCores(nodes: readonly Node[]): number {
  let cores = 0;
  for (const { spec, status } of nodes) {
    const takesPods = !spec?.taints?.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
    if (takesPods) cores += quantityValue(status?.allocatable?.cpu) ?? 0;
  }
  return cores;
}
