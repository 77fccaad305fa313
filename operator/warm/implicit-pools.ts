import { API_VERSION } from '../../common/api/names.ts';
import type { LullWarmPool } from '../../common/api/warm-pool.ts';
import type { KubeObject } from '../function/objects.ts';
import type { WarmReader, WarmWriter } from './cluster.ts';
import { unfit } from './eligible.ts';

export interface ImplicitPoolsOptions {
  read: Pick<WarmReader, 'runtime' | 'functionsOf' | 'warmPoolsOf' | 'warmPool'>;
  write: Pick<WarmWriter, 'createPool' | 'resizePool' | 'removePool'>;
}

/** Whether the operator made it, for a Runtime with spec.warm. */
export function isImplicit({ metadata, spec }: LullWarmPool): boolean {
  return metadata.labels?.['app.kubernetes.io/managed-by'] === 'lull' && metadata.name === spec.runtime;
}

/** Makes and removes the WarmPools that Runtimes with spec.warm ask for. `reconcile` is given NAMESPACE/RUNTIME and is idempotent. */
export class ImplicitPools {
  readonly #options: ImplicitPoolsOptions;

  constructor(options: ImplicitPoolsOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<void> {
    const { read, write } = this.#options;
    const [namespace, name] = key.split('/') as [string, string];
    const runtime = read.runtime(name);
    const pools = read.warmPoolsOf(namespace, name).filter(({ metadata }) => !metadata.deletionTimestamp);
    const implicit = pools.find(isImplicit);
    const hasOwn = pools.some((pool) => !isImplicit(pool));
    const size = runtime?.spec.warm ?? 0;
    const wanted =
      size > 0 && !hasOwn && read.functionsOf(namespace, name).some((fn) => !fn.metadata.deletionTimestamp && unfit(fn) === undefined);
    if (!wanted) {
      if (implicit) await write.removePool(namespace, name);
      return;
    }
    if (implicit) {
      if (implicit.spec.size !== size) await write.resizePool(implicit, size);
      return;
    }
    // A pool of that name for another Runtime is somebody's, and stays.
    if (read.warmPool(key)) return;
    await write.createPool({
      apiVersion: API_VERSION,
      kind: 'WarmPool',
      metadata: {
        name,
        namespace,
        labels: { 'app.kubernetes.io/managed-by': 'lull' },
        ownerReferences: [{ apiVersion: API_VERSION, kind: 'Runtime', name, uid: runtime?.metadata.uid ?? '', controller: true }],
      },
      spec: { runtime: name, size },
    } as KubeObject);
  }
}
