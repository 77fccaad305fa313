import type { CodeStatus } from './code.ts';
import type { Condition } from './meta.ts';

/** What the operator saw and did last. */
export interface FunctionStatus {
  /**
   * The generation of the spec that this status speaks of.
   * @asType integer
   */
  observedGeneration?: number;
  /** The annotation lull.dev/refresh of which it speaks. */
  observedRefresh?: string;
  conditions?: Condition[];
  /** Of code and layers that are fetched, what was fetched. */
  code?: CodeStatus[];
  /** Where the function is called from outside. */
  url?: string;
  /**
   * Pods that exist now, ending ones not counted.
   * @asType integer
   */
  replicas?: number;
  /**
   * Pods that are Ready now.
   * @asType integer
   */
  readyReplicas?: number;
  /** Selects the pods of the function; for `kubectl scale` and HorizontalPodAutoscalers. */
  selector?: string;
  /** The revision that takes the requests: the name of its Deployment. */
  activeRevision?: string;
  /** The revision made from the newest spec: the name of its Deployment. */
  latestRevision?: string;
  scale?: ScaleStatus;
  /** Whether in-cluster callers reach the pods directly now; only with spec.scale.directAccess auto. */
  directAccess?: boolean;
  /** Why they do, or do not. */
  directAccessReason?: string;
  /** Only where there is a WarmPool for its Runtime. */
  warm?: WarmStatus;
}

/** Whether a pod of a warm pool can be the function's. */
export interface WarmStatus {
  eligible: boolean;
  /** Why, or why not and what would have to be different. */
  reason: string;
  /** The WarmPool in the function's namespace, when it is eligible. */
  pool?: string;
  /** Hash of the pod template that a free pod must have been made from. */
  template?: string;
  /** The revision that this was said of. */
  revision?: string;
}

/** The autoscaler's last decision, in words. */
export interface ScaleStatus {
  /**
   * Pods wanted.
   * @asType integer
   */
  desired: number;
  /**
   * Pods that the Deployment was told to have when this was decided.
   * @asType integer
   */
  actual?: number;
  /** What the decision stands on, such as "23.4 requests" or "12.0 requests/s"; "unknown" without an observation. */
  demand?: string;
  /** Over which time that is the mean: "60s", "6s", or "now" for what the activators tell themselves. */
  window?: string;
  /** Why, with the figures it stands on. */
  reason: string;
  /** When the wanted number was last changed (RFC 3339). */
  since: string;
}
