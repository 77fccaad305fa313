import type { Pod } from '../pods/pod.ts';

/** A claimed pod that has had no request for so long, and is not needed for the number of pods that is wanted, is needed by nobody. */
const IDLE_MILLIS = 10_000;

export interface RetireView {
  pods: Iterable<Pod>;
  activeRevision: string | undefined;
  /** Of the active revision's Deployment. */
  replicas: number | undefined;
  held: number;
  /** Its own pod is asked for, and its turn has not come yet. */
  isToWake: boolean;
  now: number;
  /** Which claimed pod each of the function's own has replaced, by their names; what is decided here is written there. */
  replaced: Map<string, string>;
}

/**
 * Which claimed pods are to end. One for each pod of the function's own that has come: the first by name that no other has replaced, those that end already among them, so that several activators choose
 * the same; all of a revision that is not the active one; and those that nobody has called for a while when the Deployment has all the pods that it is told to have.
 */
export function retire({ pods, activeRevision, replicas, held, isToWake, now, replaced }: RetireView): Pod[] {
  const claimed: Pod[] = [];
  const own = new Set<string>();
  for (const pod of pods) {
    if (pod.pool !== '') claimed.push(pod);
    else if (pod.revision === activeRevision && pod.serving) own.add(pod.name);
  }
  for (const name of replaced.keys()) if (!own.has(name)) replaced.delete(name);
  claimed.sort((a, b) => (a.name < b.name ? -1 : 1));
  const taken = new Set(replaced.values());
  for (const name of own) {
    if (replaced.has(name)) continue;
    const next = claimed.find((pod) => !taken.has(pod.name));
    // One that came when none was left has nobody to replace later either.
    replaced.set(name, next?.name ?? '');
    taken.add(next?.name ?? '');
  }
  const isFull = replicas !== undefined && own.size >= replicas && !isToWake;
  return claimed.filter((pod) => {
    if (pod.draining) return false;
    if (pod.revision !== activeRevision || taken.has(pod.name)) return true;
    return isFull && held === 0 && pod.running === 0 && now - Math.max(pod.usedAt, pod.listeningSince ?? now) >= IDLE_MILLIS;
  });
}
