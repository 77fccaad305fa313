import type { Pod } from '../pods/pod.ts';

/** With nothing scaled up for the function, a claimed pod that has had no request for so long is wanted by nobody. */
const ORPHAN_MILLIS = 10_000;

export interface RetireView {
  pods: Iterable<Pod>;
  activeRevision: string | undefined;
  /** Of the active revision's Deployment. */
  replicas: number | undefined;
  held: number;
  /** For how long nothing has run in the pod, as far as this activator knows. */
  idleMillis: (pod: Pod) => number;
}

/**
 * Which claimed pods are to end; pure, and the same for every activator, since any of them says so. One for each pod of the function's own that has come, in the order of their names, and besides those all
 * that have nothing to do by then; all of a revision that is not the active one; and, where nothing is scaled up, those that nobody calls.
 */
export function retire({ pods, activeRevision, replicas, held, idleMillis }: RetireView): Pod[] {
  const claimed: Pod[] = [];
  let own = 0;
  for (const pod of pods) {
    if (pod.pool !== '') claimed.push(pod);
    else if (pod.revision === activeRevision && pod.serving) own += 1;
  }
  claimed.sort((a, b) => (a.name < b.name ? -1 : 1));
  return claimed.filter((pod, rank) => {
    if (pod.draining) return false;
    if (pod.revision !== activeRevision || rank < own) return true;
    if (held > 0 || pod.running > 0) return false;
    return own > 0 || (replicas === 0 && idleMillis(pod) >= ORPHAN_MILLIS);
  });
}
