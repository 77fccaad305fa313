import type { Pod } from './pod.ts';

/** Chooses a pod for one more request, or none: a policy is a plain function. */
export type Choose = (pods: Iterable<Pod>, revision: string | undefined, now: number) => Pod | undefined;

/** The available pod of the active revision with the fewest requests running; the first found among equals. */
export const leastLoaded: Choose = (pods, revision, now) => {
  let best: Pod | undefined;
  for (const pod of pods) {
    if (pod.revision !== revision || !pod.available(now)) continue;
    if (pod.running === 0) return pod;
    if (!best || pod.running < best.running) best = pod;
  }
  return best;
};
