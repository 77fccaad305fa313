import { CODE_LOST, type CodeStatus } from '../../common/api/code.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { FunctionStatus } from '../../common/api/function-status.ts';
import type { Condition } from '../../common/api/meta.ts';
import { FUNCTION_LABEL, REFRESH_ANNOTATION } from '../../common/api/names.ts';
import type { Deployment, Pod } from './objects.ts';
import { hasEnded, isReady } from './pod-state.ts';
import { type Problem, podProblem } from './problems.ts';

/** What the status is told from. */
export interface Observed {
  /** Why no revision can be made from the spec, if so. */
  refused?: Problem;
  latest?: string;
  active?: string;
  /** Of a function whose code or layers are fetched. */
  code?: { fetched: CodeStatus[]; condition: Pick<Condition, 'status' | 'reason' | 'message'>; complete: boolean };
  /** The function's Deployments. */
  deployments: readonly Deployment[];
  /** The function's pods. */
  pods: readonly Pod[];
  domain: string;
  now: Date;
}

/** Everything of the status but `scale`, which is the autoscaler's; pure. */
export function functionStatus(fn: LullFunction, observed: Observed): FunctionStatus {
  const { latest, active, deployments, pods, domain } = observed;
  // A pod that came from a warm pool ends when one of the function's own is there, and is deleted a moment later.
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp && !hasEnded(pod));
  const generation = fn.metadata.generation ?? 0;
  const refresh = fn.metadata.annotations?.[REFRESH_ANNOTATION];
  const ready = alive.filter(isReady).length;
  const { code } = observed;
  const own = [revisionCondition(observed), readyCondition(observed), ...(code ? [{ type: 'CodeReady', ...code.condition }] : [])];
  // What was fetched is not forgotten over a Runtime that is not there for a while.
  const fetched = code ? code.fetched : observed.refused ? fn.status?.code : undefined;
  const conditions = own.map((condition) => dated(condition, generation, fn.status?.conditions, observed.now));
  return {
    observedGeneration: generation,
    ...(refresh !== undefined && { observedRefresh: refresh }),
    conditions,
    url: `http://${fn.metadata.name}.${fn.metadata.namespace}.${domain}`,
    replicas: deployments.length === 0 ? 0 : alive.length,
    readyReplicas: ready,
    selector: `${FUNCTION_LABEL}=${fn.metadata.name}`,
    ...(fetched && fetched.length > 0 && { code: fetched }),
    ...(active !== undefined && { activeRevision: active }),
    ...(latest !== undefined && { latestRevision: latest }),
  };
}

type Undated = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Whether the newest spec's revision runs, or could: at zero nothing speaks against it. */
function revisionCondition({ refused, code, latest, active, deployments, pods }: Observed): Undated {
  const type = 'RevisionReady';
  if (refused) return { type, status: 'False', ...refused };
  // Without its code there is no revision of the newest spec. What only has to be fetched again (the store has lost it) is CodeReady's affair.
  if (code && !code.complete) {
    const { status, reason, message } = code.condition;
    return {
      type,
      status: status === 'False' ? 'False' : 'Unknown',
      reason,
      message: active === undefined || status === 'False' ? message : `${message}; ${active} serves until then`,
    };
  }
  const problem =
    podProblem(pods.filter((pod) => pod.metadata.labels?.['lull.dev/revision'] === latest)) ?? replicaFailure(deployments, latest);
  if (problem) return { type, status: 'False', ...problem };
  if (latest !== active)
    return { type, status: 'Unknown', reason: 'RollingOver', message: `${latest} is brought up; ${active} serves until it is Ready` };
  const deployment = deployments.find(({ metadata }) => metadata.name === latest);
  const wanted = deployment?.spec.replicas ?? 0;
  if (wanted === 0) return { type, status: 'True', reason: 'AtZero', message: 'at zero pods; the first request wakes it' };
  const ready = deployment?.status?.readyReplicas ?? 0;
  return {
    type,
    status: ready > 0 ? 'True' : 'Unknown',
    reason: ready > 0 ? 'Running' : 'Starting',
    message: `${ready} of ${wanted} pods Ready`,
  };
}

/** Whether requests are answered. */
function readyCondition(observed: Observed): Undated {
  const type = 'Ready';
  const revision = revisionCondition(observed);
  const { latest, active } = observed;
  // What runs goes on, and nothing can be woken.
  const code = observed.code?.condition;
  if (code?.reason === CODE_LOST) return { type, status: 'False', reason: CODE_LOST, message: code.message };
  // Fetched for the first time: nothing can answer yet.
  if (observed.code && revision.status === 'Unknown' && active === undefined) return { ...revision, type, status: 'False' };
  if (revision.status === 'False' && active !== undefined && active !== latest) {
    return {
      type,
      status: 'False',
      reason: revision.reason,
      message: `the newest revision does not run, ${active} goes on serving: ${revision.message}`,
    };
  }
  if (revision.status === 'False') return { ...revision, type };
  // Waking and rolling over are what a function does all day: requests are answered all the while.
  return { type, status: 'True', reason: revision.reason, message: revision.message };
}

/** What the Deployment controller was refused: quotas, Pod Security, a webhook. */
function replicaFailure(deployments: readonly Deployment[], latest: string | undefined): Problem | undefined {
  const status = deployments.find(({ metadata }) => metadata.name === latest)?.status;
  const failure = status?.conditions?.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True');
  return failure && { reason: failure.reason ?? 'ReplicaFailure', message: `pods are refused: ${failure.message ?? ''}` };
}

/** lastTransitionTime changes only with the status, as the API conventions ask. */
function dated(condition: Undated, generation: number, before: readonly Condition[] | undefined, now: Date): Condition {
  const old = before?.find(({ type }) => type === condition.type);
  const lastTransitionTime = old && old.status === condition.status ? old.lastTransitionTime : now.toISOString().replace(/\.\d+Z$/, 'Z');
  return { ...condition, lastTransitionTime, observedGeneration: generation };
}
