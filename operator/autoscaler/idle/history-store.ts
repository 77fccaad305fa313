import type { KubeTransport } from '../../../common/kube/transport.ts';
import { apply, read } from '../../kube/apply.ts';

const NAME = 'lull-idle-history';
const MANAGER = 'lull-autoscaler';
/** A ConfigMap holds 1 MiB: some 600 histories of the largest kind, 10,000 timers. */
const MAX_BYTES = 900_000;
/** In a ConfigMap's keys there are no slashes. */
const SEPARATOR = '_';

interface ConfigMap {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  data?: Record<string, string>;
}

/**
 * Keeps what was learnt of functions' gaps in one ConfigMap of Lull's own namespace, so that it outlives the operator. One write a minute at the most, and none while
 * nothing is learnt; what is lost with a crash is a minute of it.
 */
export class IdleHistoryStore {
  readonly #transport: KubeTransport;
  readonly #namespace: string;
  #written = '';

  constructor(transport: KubeTransport, namespace: string) {
    this.#transport = transport;
    this.#namespace = namespace;
  }

  async load(): Promise<Record<string, string>> {
    const stored = await read<ConfigMap>(this.#transport, this.#object());
    return Object.fromEntries(Object.entries(stored?.data ?? {}).map(([key, state]) => [key.replace(SEPARATOR, '/'), state]));
  }

  /** Writes if something has changed; histories that find no room are left out, the last ones first. Returns whether it wrote. */
  async save(histories: Readonly<Record<string, string>>): Promise<boolean> {
    const data: Record<string, string> = {};
    let bytes = 0;
    for (const [key, state] of Object.entries(histories)) {
      bytes += key.length + state.length;
      if (bytes > MAX_BYTES) break;
      data[key.replace('/', SEPARATOR)] = state;
    }
    const text = JSON.stringify(data);
    if (text === this.#written || (this.#written === '' && text === '{}')) return false;
    await apply(this.#transport, { ...this.#object(), data } as ConfigMap, MANAGER);
    this.#written = text;
    return true;
  }

  #object(): ConfigMap {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: this.#namespace } };
  }
}
