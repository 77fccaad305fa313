import type { FunctionSpec } from './function.ts';
import type { MetricType, Scale, ScheduledFloor } from './function-scale.ts';

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
  /** What is followed; at least one. */
  metrics: readonly EffectiveMetric[];
  idleSeconds: number;
  idleAuto: boolean;
  /** Windows, and whether a person has chosen them: such are never replaced by longer ones. */
  stableWindowSeconds: number;
  stableWindowChosen: boolean;
  panicWindowSeconds: number;
  panicWindowChosen: boolean;
  scaleDownDelaySeconds: number;
  maxScaleUpRate: number;
  maxScaleDownRate: number;
  burstCapacity: number;
  schedule: readonly ScheduledFloor[];
  paused: boolean;
  /** In-cluster callers may reach its pods directly. */
  directAccess: boolean;
}

/** A metric with its target. */
export interface EffectiveMetric {
  type: MetricType;
  target: number;
  /** For type prometheus: the query, names not yet filled in. */
  query: string;
}

/** What a pod without a limit is meant to carry, as Knative's container-concurrency-target-default. */
const TARGET_WITHOUT_LIMIT = 100;

/** The defaults repeat those of the CRD, for objects that were stored before a default existed. */
export function effectiveSpec(spec: FunctionSpec): EffectiveSpec {
  const protocol = spec.protocol ?? 'lambda';
  const concurrency = spec.concurrency ?? (protocol === 'lambda' ? 1 : 0);
  const scale = spec.scale ?? {};
  return {
    protocol,
    http2: spec.appProtocol === 'kubernetes.io/h2c',
    port: spec.port ?? 8080,
    timeoutSeconds: spec.timeoutSeconds ?? 30,
    concurrency,
    min: scale.min ?? 0,
    max: scale.max ?? 100,
    initial: scale.initial ?? 1,
    metrics: effectiveMetrics(scale, concurrency || TARGET_WITHOUT_LIMIT),
    idleSeconds: scale.idleSeconds ?? 60,
    idleAuto: scale.idle === 'auto',
    stableWindowSeconds: scale.stableWindowSeconds ?? 60,
    stableWindowChosen: scale.stableWindowSeconds !== undefined,
    panicWindowSeconds: scale.panicWindowSeconds ?? 6,
    panicWindowChosen: scale.panicWindowSeconds !== undefined,
    scaleDownDelaySeconds: scale.scaleDownDelaySeconds ?? 30,
    maxScaleUpRate: scale.maxScaleUpRate ?? 1000,
    maxScaleDownRate: scale.maxScaleDownRate ?? 2,
    burstCapacity: scale.burstCapacity ?? 0,
    schedule: scale.schedule ?? [],
    paused: scale.paused ?? false,
    directAccess: scale.directAccess === 'auto',
  };
}

function effectiveMetrics(scale: Scale, concurrency: number): EffectiveMetric[] {
  const listed = scale.metrics ?? [{ type: 'concurrency' as const, ...(scale.target !== undefined && { target: scale.target }) }];
  return listed.map((metric) => ({ type: metric.type, target: metric.target ?? concurrency, query: metric.query ?? '' }));
}
