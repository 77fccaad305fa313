/** A revision's Deployment, as far as rolling over needs it. */
export interface RevisionState {
  name: string;
  /** Pods wanted (spec.replicas). */
  replicas: number;
  /** Pods Ready. */
  ready: number;
}

/** What to do about a Function's revisions now. */
export interface Rollover {
  /** The revision that takes the requests from now on. */
  active: string;
  /** Deployments to scale, and to what. */
  scale: { name: string; from: number; to: number }[];
  /** Deployments that nothing needs any more; their pods finish what they have. */
  remove: string[];
}

/**
 * Which revision serves; pure.
 *
 * A new revision of a function at zero takes over at once. One of a running function is brought to as many pods as the old one has, takes over when they
 * are Ready, and only then does the old one go; if they never get Ready, the old one goes on serving. Example: old 3 pods, new 0 → scale new to 3;
 * old 3, new 3 of which 2 Ready → wait; old 3, new 3 Ready → new is active, remove old.
 */
export function rollover(latest: string, active: string | undefined, revisions: readonly RevisionState[]): Rollover {
  const newest = revisions.find((revision) => revision.name === latest) ?? { name: latest, replicas: 0, ready: 0 };
  const serving = revisions.find((revision) => revision.name === active);
  const takesOver = !serving || serving.name === latest || serving.replicas === 0 || newest.ready >= serving.replicas;
  if (takesOver) return { active: latest, scale: [], remove: revisions.map(({ name }) => name).filter((name) => name !== latest) };
  const between = revisions.map(({ name }) => name).filter((name) => name !== latest && name !== serving.name);
  const behind = newest.replicas < serving.replicas;
  return { active: serving.name, scale: behind ? [{ name: latest, from: newest.replicas, to: serving.replicas }] : [], remove: between };
}
