import type { LullFunction } from '../../common/api/function.ts';
import type { FunctionStatus } from '../../common/api/function-status.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { Deployment, KubeObject, Pod } from './objects.ts';

/** What the function controller reads: caches, kept by reflectors. Keys are NAMESPACE/NAME. What is read must not be changed. */
export interface FunctionReader {
  function(key: string): LullFunction | undefined;
  runtime(name: string): LullRuntime | undefined;
  deployments(key: string): Deployment[];
  pods(key: string): Pod[];
}

/** What the function controller writes. Every method throws when the API server refuses or cannot be reached; the queue then tries again. */
export interface FunctionWriter {
  /** Reads an object afresh, whoever's it is; undefined when there is none. */
  read(kind: 'Service' | 'NetworkPolicy', namespace: string, name: string): Promise<KubeObject | undefined>;
  /** Creates a revision's Deployment at zero pods and its snapshot; nothing happens when they exist. */
  createRevision(deployment: Deployment, snapshot: KubeObject | undefined): Promise<void>;
  /** Server-side apply as the function controller. */
  apply(object: KubeObject): Promise<void>;
  removeRevision(namespace: string, name: string): Promise<void>;
  removePod(namespace: string, name: string): Promise<void>;
  /** Changes a running pod's resources in place; nothing happens where Kubernetes cannot (before 1.33), or the pod is gone. */
  resizePod(namespace: string, name: string, patch: object): Promise<void>;
  /** Writes deployments/scale if it still is `from`. */
  scale(namespace: string, deployment: string, from: number, to: number): Promise<boolean>;
  writeStatus(fn: LullFunction, status: FunctionStatus): Promise<void>;
  /** Tells people, once for each change. */
  event(fn: LullFunction, type: 'Normal' | 'Warning', reason: string, message: string): void;
}
