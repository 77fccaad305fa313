import { effectiveSpec } from '../../../common/api/defaults.ts';
import type { FunctionSpec } from '../../../common/api/function.ts';
import type { Scale } from '../../../common/api/function-scale.ts';
import type { Subject } from '../decide.ts';
import type { Observation, Reading } from '../observation.ts';

const base: FunctionSpec = { runtime: 'python', handler: 'a.b', code: { inline: { 'a.py': '' } }, concurrency: 10 };

/** A function with concurrency 10 that is scaled by `scale`; one pod, unless `over` says otherwise. */
export function subject(scale: Scale = {}, over: Partial<Subject> = {}): Subject {
  const spec = effectiveSpec({ ...base, scale: { target: 10, max: 20, scaleDownDelaySeconds: 0, maxScaleDownRate: 1000, ...scale } });
  return { ...spec, replicas: 1, ready: over.replicas ?? 1, floor: { pods: spec.min, why: `spec.scale.min ${spec.min}` }, ...over };
}

/** Demand as Prometheus tells it, steady unless told otherwise; its metrics are demand alone. */
export function observed(demand: Partial<Reading>, over: Partial<Observation> = {}): Observation {
  const reading = { stable: 0, panic: 0, now: 0, ...demand };
  return {
    demand: reading,
    metrics: [reading],
    ageMillis: 1000,
    staleMillis: 10_000,
    complete: true,
    activators: true,
    covered: true,
    ...over,
  };
}
