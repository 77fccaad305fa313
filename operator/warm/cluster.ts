import type { LullFunction, WarmStatus } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { LullWarmPool, WarmPoolStatus } from '../../common/api/warm-pool.ts';
import type { Deployment, KubeObject, Pod } from '../function/objects.ts';

/** What is read: caches. Keys are NAMESPACE/NAME. What is read must not be changed. */
export interface WarmReader {
  function(key: string): LullFunction | undefined;
  runtime(name: string): LullRuntime | undefined;
  functionsOf(namespace: string, runtime: string): LullFunction[];
  deployments(key: string): Deployment[];
  warmPool(key: string): LullWarmPool | undefined;
  /** The pools of a namespace for a Runtime. */
  warmPoolsOf(namespace: string, runtime: string): LullWarmPool[];
  /** A pod that is or was a pool's, and all of a pool's. */
  poolPod(key: string): Pod | undefined;
  poolPods(key: string): Pod[];
}

/** What is written. Every method throws when the API server refuses or cannot be reached; the queue then tries again. */
export interface WarmWriter {
  createPod(pod: KubeObject): Promise<boolean>;
  removePod(namespace: string, name: string): Promise<void>;
  applyWarm(object: KubeObject): Promise<void>;
  createPool(pool: KubeObject): Promise<boolean>;
  resizePool(pool: LullWarmPool, size: number): Promise<void>;
  removePool(namespace: string, name: string): Promise<void>;
  /** The pod is the function's from now on. Nothing happens when it is gone, or another of that name. */
  handOver(pod: Pod, fn: LullFunction, revision: string): Promise<void>;
  writePoolStatus(pool: LullWarmPool, status: WarmPoolStatus): Promise<void>;
  writeWarmStatus(fn: LullFunction, status: WarmStatus | undefined): Promise<void>;
}
