import { GapHistogram } from './gap-histogram.ts';
import { type IdlePlan, type IdlePolicy, idlePolicy } from './idle-policy.ts';

export interface IdleTrackerOptions {
  /** spec.scale.idleSeconds: what holds until enough gaps were seen, and the measure of what a cold start is worth. */
  fallbackSeconds: number;
  /** What serialise() returned; anything else begins anew. */
  state?: string;
  policy?: IdlePolicy;
}

/** Unseen: no demand was seen yet, not even from before a restart. */
type Phase = 'unseen' | 'busy' | 'idle';

/**
 * Follows one function's demand, learns from its gaps, and says whether a pod is to be there while there is none. It has no clock: times are milliseconds of
 * the caller's, and of the epoch if the state is to outlive the process.
 */
export class IdleTracker {
  readonly #fallbackSeconds: number;
  readonly #policy: IdlePolicy;
  #history = new GapHistogram();
  #phase: Phase = 'unseen';
  /** When demand was last seen; while unseen, when it was first looked for. */
  #since: number | undefined;
  #current: IdlePlan | undefined;

  constructor({ fallbackSeconds, state, policy = idlePolicy }: IdleTrackerOptions) {
    this.#fallbackSeconds = fallbackSeconds;
    this.#policy = policy;
    if (state !== undefined) this.#restore(state);
  }

  /** Whether there is demand now. To be called at every tick, and not when that is unknown. */
  observe(busy: boolean, now: number): void {
    if (!busy) {
      if (this.#phase === 'busy') this.#phase = 'idle';
      this.#since ??= now;
      return;
    }
    if (this.#phase === 'idle' && this.#since !== undefined && now > this.#since) {
      this.#history.add((now - this.#since) / 1000);
      this.#current = undefined;
    }
    this.#phase = 'busy';
    this.#since = now;
  }

  /** The windows of the present gap. They change only with its end, so a decision within it is never taken back. */
  get current(): IdlePlan {
    this.#current ??= this.#policy(this.#history, this.#fallbackSeconds);
    return this.#current;
  }

  /** Whether at least one pod is to be there now, and why, in words. */
  plan(now: number): { up: boolean; reason: string } {
    if (this.#phase === 'busy') return { up: true, reason: 'there is demand' };
    const idle = this.#since === undefined ? 0 : Math.max(0, now - this.#since) / 1000;
    const { keepSeconds, prewarmSeconds, untilSeconds, reason } = this.current;
    const say = (up: boolean, what: string) => ({ up, reason: `no demand for ${idle.toFixed(0)} s; ${what}: ${reason}` });
    if (idle < keepSeconds) return say(true, `up until ${keepSeconds} s`);
    if (prewarmSeconds === undefined || untilSeconds === undefined || idle >= untilSeconds)
      return say(false, 'at zero until the next call');
    if (idle < prewarmSeconds) return say(false, `at zero until ${prewarmSeconds} s`);
    return say(true, `up ahead of the next call until ${untilSeconds} s`);
  }

  /** All that is remembered, as JSON: some 100 bytes for a timer, 1.6 KB at most. It does not change while there is no demand. */
  serialise(): string {
    return JSON.stringify({ phase: this.#phase, since: this.#since, gaps: this.#history });
  }

  #restore(state: string): void {
    const { phase, since, gaps } = parse(state);
    if ((phase !== 'unseen' && phase !== 'busy' && phase !== 'idle') || typeof since !== 'number' || !Number.isFinite(since)) return;
    this.#phase = phase;
    this.#since = since;
    this.#history = GapHistogram.from(gaps);
  }
}

function parse(state: string): { phase?: unknown; since?: unknown; gaps?: unknown } {
  try {
    const json: unknown = JSON.parse(state);
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}
