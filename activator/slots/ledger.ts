/** Slots given to somebody. */
export interface Grant {
  activator: string;
  pod: string;
  count: number;
}

/**
 * Who holds which slots of one function's pods, kept by the activator that owns the function; pure.
 *
 * The sum over all activators never exceeds what a pod has. Free slots go round among those that want some, one at a time, so that no activator's requests wait
 * because another has more of them.
 */
export class Ledger {
  readonly #held = new Map<string, Map<string, number>>();
  readonly #wants = new Map<string, number>();

  /** Slots of the pod that are held by anybody. */
  held(pod: string): number {
    let sum = 0;
    for (const count of this.#held.get(pod)?.values() ?? []) sum += count;
    return sum;
  }

  /** What an activator says that it holds, in place of what was known. */
  set(activator: string, holdings: Readonly<Record<string, number>>): void {
    this.forget(activator);
    for (const [pod, count] of Object.entries(holdings)) this.#add(activator, pod, count);
  }

  want(activator: string, count: number): void {
    if (count > 0) this.#wants.set(activator, count);
    else this.#wants.delete(activator);
  }

  release(activator: string, pod: string, count: number): void {
    this.#add(activator, pod, -count);
  }

  /** The activator is gone, and its requests with it. */
  forget(activator: string): void {
    this.#wants.delete(activator);
    for (const holders of this.#held.values()) holders.delete(activator);
  }

  /** Somebody waits for slots. */
  get contended(): boolean {
    return this.#wants.size > 0;
  }

  /** Gives free slots to those that want them. @param pods that serve, with their slots */
  grant(pods: readonly { name: string; slots: number }[]): Grant[] {
    const grants: Grant[] = [];
    const free = pods.map(({ name, slots }) => ({ name, left: slots - this.held(name) }));
    while (this.#wants.size > 0) {
      const [activator, count] = this.#wants.entries().next().value as [string, number];
      // From the pod with most room: the least loaded one.
      const pod = free.reduce<{ name: string; left: number } | undefined>(
        (best, one) => (best && best.left >= one.left ? best : one),
        undefined,
      );
      if (!pod || pod.left <= 0) break;
      pod.left -= 1;
      this.#add(activator, pod.name, 1);
      // To the end of the row.
      this.#wants.delete(activator);
      if (count > 1) this.#wants.set(activator, count - 1);
      const same = grants.find((grant) => grant.activator === activator && grant.pod === pod.name);
      if (same) same.count += 1;
      else grants.push({ activator, pod: pod.name, count: 1 });
    }
    return grants;
  }

  #add(activator: string, pod: string, count: number): void {
    let holders = this.#held.get(pod);
    if (!holders) {
      holders = new Map();
      this.#held.set(pod, holders);
    }
    const now = (holders.get(activator) ?? 0) + count;
    if (now > 0) holders.set(activator, now);
    else holders.delete(activator);
    if (holders.size === 0) this.#held.delete(pod);
  }
}
