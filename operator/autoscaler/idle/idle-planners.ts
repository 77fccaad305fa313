import type { EffectiveSpec } from '../../../common/api/defaults.ts';
import { IdleTracker } from './idle-tracker.ts';

/** The trackers of all functions with spec.scale.idle auto, and what is remembered of them when the process ends. */
export class IdlePlanners {
  readonly #trackers = new Map<string, { tracker: IdleTracker; fallbackSeconds: number }>();
  #remembered: Readonly<Record<string, string>> = {};

  /** Takes over what a process before this one has learnt. */
  restore(histories: Readonly<Record<string, string>>): void {
    this.#remembered = histories;
  }

  /**
   * Whether the function is to be up while nobody calls it; what was seen of it is learnt first.
   * @param busy undefined when that is not known @param now epoch milliseconds
   */
  plan(key: string, { idleSeconds }: EffectiveSpec, busy: boolean | undefined, now: number): { up: boolean; reason: string } {
    let known = this.#trackers.get(key);
    if (!known || known.fallbackSeconds !== idleSeconds) {
      const state = known?.tracker.serialise() ?? this.#remembered[key];
      known = {
        tracker: new IdleTracker({ fallbackSeconds: idleSeconds, ...(state !== undefined && { state }) }),
        fallbackSeconds: idleSeconds,
      };
      this.#trackers.set(key, known);
    }
    if (busy !== undefined) known.tracker.observe(busy, now);
    return known.tracker.plan(now);
  }

  /** The function is gone, or is not predicted any more. */
  forget(key: string): void {
    this.#trackers.delete(key);
  }

  /** What is to outlive the process, by function. */
  serialise(): Record<string, string> {
    return Object.fromEntries([...this.#trackers].map(([key, { tracker }]) => [key, tracker.serialise()]));
  }
}
