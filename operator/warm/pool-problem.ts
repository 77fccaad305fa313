import type { Pod } from '../function/objects.ts';
import { isReady } from '../function/pod-state.ts';
import { type Problem, podProblem } from '../function/problems.ts';

/** A pod that is not ready so long after it was made: an image of 1 GB takes half of that. */
const READY_MILLIS = 60_000;
/** A condition's message has 4096 characters at most; the kubelet's of what a container wrote last, 2048 bytes. */
const SENTENCE = 1000;

export interface Ills {
  /** Free pods of the pool's template. */
  pods: readonly Pod[];
  /** What the API server said when it refused the last pod. */
  refusal: string | undefined;
  /** How the last pod ended that ended before anybody claimed it. */
  ended: string | undefined;
  now: number;
}

/** What keeps a pool from its size, in the words of the API server, the scheduler or the kubelet; pure. What nobody can be made from comes first, what has been seen last comes last. */
export function poolProblem({ pods, refusal, ended, now }: Ills): Problem | undefined {
  if (refusal !== undefined) return { reason: 'PodRefused', message: `the API server refuses its pods: ${refusal}` };
  const waiting = pods.filter((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp);
  const problem = podProblem(waiting);
  if (problem) return problem;
  const late = waiting.find(({ metadata }) => now - Date.parse(metadata.creationTimestamp ?? '') > READY_MILLIS);
  if (late) {
    const message = `pod ${late.metadata.name} is not ready ${READY_MILLIS / 1000} s after it was made: ${whyNotReady(late)}; kubectl describe pod tells more`;
    return { reason: 'PodNotReady', message };
  }
  return ended === undefined ? undefined : { reason: 'PodsFail', message: `its pods end before anybody claims them: ${ended}` };
}

function whyNotReady({ status }: Pod): string {
  for (const { name, state } of status?.containerStatuses ?? []) {
    const waiting = state?.waiting;
    if (waiting) return `container ${name}: ${[waiting.reason, waiting.message].filter(Boolean).join(': ')}`;
  }
  const conditions = ['PodScheduled', 'ContainersReady', 'Ready'].map((of) => status?.conditions?.find(({ type }) => type === of));
  const unmet = conditions.find((condition) => condition?.status === 'False');
  return unmet?.message ?? unmet?.reason ?? 'nothing has taken it up: does the scheduler run?';
}

/** How a pod ended. Example: `pod a-1, container function: Error (exit code 1): ModuleNotFoundError: …`. The pod is deleted, so this is all that is left of it. */
export function howEnded({ metadata, status }: Pod): string {
  for (const { name, state } of status?.containerStatuses ?? []) {
    const ended = state?.terminated;
    if (!ended) continue;
    const said = ended.message?.trim().slice(-SENTENCE) || 'it wrote nothing';
    return `pod ${metadata.name}, container ${name}: ${ended.reason ?? 'ended'} (exit code ${ended.exitCode}): ${said}`;
  }
  // Of the kubelet: evicted, or refused at admission (OutOfcpu, NodeAffinity, …).
  return `pod ${metadata.name}: ${[status?.reason, status?.message].filter(Boolean).join(': ') || 'no detail given'}`;
}
