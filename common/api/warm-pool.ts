/** The `WarmPool` resource, `lull.dev/v1alpha1`: pods that are up before they know which function they will be. */
import { createHash } from 'node:crypto';
import type { Condition, ObjectMeta, Resources } from './meta.ts';
import type { TokenSubject } from './token.ts';

/** Generic pods of one Runtime, kept warm for the functions of a namespace: the first request at zero is answered by one of them while the function's own pod comes up. */
export interface LullWarmPool {
  apiVersion: 'lull.dev/v1alpha1';
  kind: 'WarmPool';
  metadata: ObjectMeta;
  spec: WarmPoolSpec;
  status?: WarmPoolStatus;
}

/** Which pods, and how many. */
export interface WarmPoolSpec {
  /**
   * Name of the Runtime (`kubectl get runtimes`) whose functions may use it.
   * @minLength 1
   * @maxLength 63
   * @pattern ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$
   */
  runtime: string;
  /**
   * Free pods that are kept; with spec.schedule, until the first time of an entry. 3 when left out.
   * @asType integer
   * @minimum 0
   * @maximum 100
   */
  size?: number;
  /**
   * Sizes by the clock: from the time of an entry on, its `size` holds until the time of another.
   * @minItems 1
   * @maxItems 20
   */
  schedule?: ScheduledSize[];
  auto?: AutoSize;
  resources?: Resources;
}

/** A size from a time of the clock on. */
export interface ScheduledSize {
  /**
   * When it begins, as crontab(5) writes it: minute, hour, day of the month, month, day of the week.
   * @minLength 9
   * @maxLength 100
   * @pattern ^\S+( +\S+){4}$
   */
  cron: string;
  /**
   * IANA name of the time zone that the clock goes by.
   * @maxLength 64
   * @pattern ^[A-Za-z]+([/_+-][A-Za-z0-9_+-]+)*$
   * @default "UTC"
   */
  timeZone?: string;
  /**
   * @asType integer
   * @minimum 0
   * @maximum 100
   */
  size: number;
}

/** The size follows the wakes of the last hour: as many as came at once (within five seconds), and fewer the longer ago that was, half of them after half an hour. */
export interface AutoSize {
  /**
   * @asType integer
   * @minimum 0
   * @maximum 100
   * @default 0
   */
  min?: number;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 100
   * @default 10
   */
  max?: number;
}

/** What the operator saw and did last. */
export interface WarmPoolStatus {
  /** @asType integer */
  observedGeneration?: number;
  conditions?: Condition[];
  /**
   * Free pods that are wanted now.
   * @asType integer
   */
  size?: number;
  /**
   * Free pods that are ready to be claimed.
   * @asType integer
   */
  free?: number;
  /** Why the pool has this size. */
  sizeReason?: string;
  /** Hash of the pod template. */
  template?: string;
  /**
   * Pods that functions have taken.
   * @asType integer
   */
  claims?: number;
  /**
   * Seconds that free pods have stood here for nobody: what the pool costs.
   * @asType integer
   */
  idlePodSeconds?: number;
  /**
   * Milliseconds of waiting that it has saved callers, against the ordinary wake.
   * @asType integer
   */
  savedMilliseconds?: number;
}

/** What a free pod of the pool announces itself by (token.ts): no function and no revision has this name. */
export function poolSubject(namespace: string, pool: string): TokenSubject {
  return { namespace, function: '-', revision: `pool/${pool}` };
}

/** Sixteen hex digits of SHA-256 over the pool's pod template as canonical JSON. */
export function warmTemplateHash(canonicalTemplate: string): string {
  return createHash('sha256').update(canonicalTemplate).digest('hex').slice(0, 16);
}
