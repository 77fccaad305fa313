import type { Pod } from './pod.ts';

/** Chooses a pod for one more request, or none: a policy is a plain function. */
export type Choose = (pods: Iterable<Pod>, revision: string | undefined, now: number) => Pod | undefined;

/** A pod just woken has cold caches and a cold JIT: it is given its share step by step over this time. */
const SLOW_START_MILLIS = 2000;
const LEAST_WEIGHT = 0.1;

/**
 * The available pod of the active revision that would be least loaded with one request more; the first found among equals. A pod that has just begun to listen
 * counts each request for more: load = (running + 1) / weight, running being all that runs in it, whoever sent it, the weight growing from 0.1 to 1 within 2 s. Example: a pod of 1 s with nothing running has load
 * 1 / 0.5 = 2, as much as an older one with one running.
 */
export const leastLoaded: Choose = (pods, revision, now) => {
  let best: Pod | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const pod of pods) {
    if (pod.revision !== revision || !pod.available(now)) continue;
    const age = now - (pod.listeningSince ?? now);
    const load = pod.running + pod.runningElsewhere + pod.direct + 1;
    const weighted = age >= SLOW_START_MILLIS ? load : load / Math.max(LEAST_WEIGHT, age / SLOW_START_MILLIS);
    if (weighted < least) {
      least = weighted;
      best = pod;
    }
  }
  return best;
};
