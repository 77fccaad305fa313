import { quantityBytes as quantity } from '../../common/api/memory.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';

interface NodeList {
  items: { spec?: { unschedulable?: boolean }; status?: { allocatable?: { cpu?: string } } }[];
}

/** Nodes come and go in minutes. */
const AGAIN_MILLIS = 60_000;

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
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CoresOptions) {
    this.#options = options;
  }

  /** Undefined as long as it is not known, such as without the right to list nodes. */
  get count(): number | undefined {
    return this.#count;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), AGAIN_MILLIS).unref();
    void this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    try {
      // From the API server's cache.
      const { body } = await this.#options.transport.request('GET', '/api/v1/nodes?resourceVersion=0');
      this.#count = allocatableCores(body as NodeList);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#options.failed(error);
      this.#hasFailed = true;
    }
  }
}

/** Of all nodes that take pods. */
export function allocatableCores({ items }: NodeList): number {
  let cores = 0;
  for (const { spec, status } of items) if (!spec?.unschedulable) cores += quantity(status?.allocatable?.cpu) ?? 0;
  return cores;
}
