/** The few parts of Kubernetes' own types that our resources use, curated instead of embedded (KEDA's CRD with a PodSpec in it is 668 KB). */

/** Kubernetes' object metadata, as far as Lull reads it. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
}

/** A reference by which Kubernetes deletes the owned with its owner. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** A condition, as the Kubernetes API conventions have it. */
export interface Condition {
  /**
   * @minLength 1
   * @maxLength 64
   */
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** @maxLength 128 */
  reason: string;
  /** @maxLength 4096 */
  message: string;
  lastTransitionTime: string;
  /** @asType integer */
  observedGeneration?: number;
}

/** An environment variable: a value, or where it comes from. */
export interface EnvVar {
  /**
   * @minLength 1
   * @maxLength 128
   * @pattern ^[A-Za-z_][A-Za-z0-9_]*$
   */
  name: string;
  /** @maxLength 32768 */
  value?: string;
  valueFrom?: EnvVarSource;
}

/** Where a variable's value comes from: a key of a Secret or a ConfigMap in the function's namespace. */
export interface EnvVarSource {
  secretKeyRef?: KeyRef;
  configMapKeyRef?: KeyRef;
}

/** One key of a Secret or ConfigMap. */
export interface KeyRef {
  /**
   * @minLength 1
   * @maxLength 253
   */
  name: string;
  /**
   * @minLength 1
   * @maxLength 253
   */
  key: string;
  /** When true, a missing key leaves the variable unset instead of keeping the pod from starting. */
  optional?: boolean;
}

/** Compute resources of the function's container, as in a pod. */
export interface Resources {
  requests?: ResourceList;
  limits?: ResourceList;
}

/** Amounts by resource, written as Kubernetes quantities ("100m", "128Mi"). */
export interface ResourceList {
  cpu?: Quantity;
  memory?: Quantity;
  'ephemeral-storage'?: Quantity;
}

/** CPU for the time that a pod takes to start, given back once it is Ready. */
export interface StartupBoost {
  /** What the function's container requests until then, if that is more than its resources say; a CPU limit is raised to it, too. The scheduler must find room for it. */
  cpu: Quantity;
}

/**
 * A Kubernetes quantity: a number with an optional suffix.
 * @maxLength 32
 * @pattern ^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$
 */
export type Quantity = string;
