import type { FunctionSpec } from './function.ts';

/** A Function's spec with every silence filled in; the one place that knows what leaving a field out means. */
export interface EffectiveSpec {
  protocol: 'lambda' | 'http';
  /** The server is spoken to by HTTP/2 without TLS. */
  http2: boolean;
  port: number;
  timeoutSeconds: number;
  /** Requests at once in one pod; 0: no limit. */
  concurrency: number;
  min: number;
  max: number;
  initial: number;
  target: number;
  idleSeconds: number;
  stableWindowSeconds: number;
  panicWindowSeconds: number;
}

/** What a pod without a limit is meant to carry, as Knative's container-concurrency-target-default. */
const TARGET_WITHOUT_LIMIT = 100;

/** The defaults repeat those of the CRD, for objects that were stored before a default existed. */
export function effectiveSpec(spec: FunctionSpec): EffectiveSpec {
  const protocol = spec.protocol ?? 'lambda';
  const concurrency = spec.concurrency ?? (protocol === 'lambda' ? 1 : 0);
  const scale = spec.scale ?? {};
  const stableWindowSeconds = scale.stableWindowSeconds ?? 60;
  return {
    protocol,
    http2: spec.appProtocol === 'kubernetes.io/h2c',
    port: spec.port ?? 8080,
    timeoutSeconds: spec.timeoutSeconds ?? 30,
    concurrency,
    min: scale.min ?? 0,
    max: scale.max ?? 100,
    initial: scale.initial ?? 1,
    target: scale.target ?? (concurrency || TARGET_WITHOUT_LIMIT),
    idleSeconds: scale.idleSeconds ?? 60,
    stableWindowSeconds,
    panicWindowSeconds: scale.panicWindowSeconds ?? 6,
  };
}
