import type { LullFunction } from '../../common/api/function.ts';
import type { ScaleStatus } from '../../common/api/function-status.ts';
import type { Condition } from '../../common/api/meta.ts';
import { SCALING_ACTIVE, type ScalingCondition } from './condition.ts';
import type { Decision } from './decide.ts';

/** What the autoscaler tells people by. */
export interface ScaleReportWriter {
  status(fn: LullFunction, scale: ScaleStatus, condition: Condition): Promise<void>;
  event(fn: LullFunction, reason: string, note: string): void;
}

/** Figures that only drift are written again this seldom, and only when they have moved by a fifth. */
const REFRESH_MILLIS = 10_000;
const MOVED = 0.2;

/**
 * The autoscaler's share of one function's status. It is written when the number changes, or the words say something else than figures that move all the time;
 * an idle function costs no write.
 */
export class ScaleReport {
  readonly #write: ScaleReportWriter;
  #written: { scale: ScaleStatus; condition: Condition } | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(write: ScaleReportWriter) {
    this.#write = write;
  }

  async tell(fn: LullFunction, decision: Decision & { actual: number }, found: ScalingCondition, now: number): Promise<void> {
    const before = this.#written ?? fromStatus(fn);
    const { desired, actual, reason, demand, window } = decision;
    const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
    const scale: ScaleStatus = {
      desired,
      actual,
      demand,
      window,
      reason,
      since: before && before.scale.desired === desired ? before.scale.since : time,
    };
    const same = before?.condition?.status === found.status;
    const condition: Condition = {
      type: SCALING_ACTIVE,
      ...found,
      lastTransitionTime: same && before?.condition ? before.condition.lastTransitionTime : time,
      observedGeneration: fn.metadata.generation ?? 0,
    };
    if (before?.condition && !this.#isNews(before as { scale: ScaleStatus; condition: Condition }, scale, condition, now)) return;
    await this.#write.status(fn, scale, condition);
    if (before?.condition && before.condition.reason !== condition.reason) this.#write.event(fn, condition.reason, condition.message);
    this.#written = { scale, condition };
    this.#writtenAt = now;
  }

  #isNews(before: { scale: ScaleStatus; condition: Condition }, scale: ScaleStatus, condition: Condition, now: number): boolean {
    const { scale: old } = before;
    if (old.desired !== scale.desired || old.actual !== scale.actual || old.window !== scale.window) return true;
    if (withoutFigures(old.reason) !== withoutFigures(scale.reason)) return true;
    const was = before.condition;
    if (was.status !== condition.status || was.reason !== condition.reason) return true;
    if (withoutFigures(was.message) !== withoutFigures(condition.message) || was.observedGeneration !== condition.observedGeneration)
      return true;
    return now - this.#writtenAt > REFRESH_MILLIS && hasMoved(old.demand, scale.demand);
  }
}

function fromStatus(fn: LullFunction): { scale: ScaleStatus; condition: Condition | undefined } | undefined {
  const scale = fn.status?.scale;
  return scale && { scale, condition: fn.status?.conditions?.find(({ type }) => type === SCALING_ACTIVE) };
}

function withoutFigures(text: string): string {
  return text.replace(/\d+(\.\d+)?/g, '#');
}

/** Whether "23.4 requests" has become something else by a fifth, and by one at least. */
function hasMoved(before: string | undefined, after: string | undefined): boolean {
  const a = Number.parseFloat(before ?? '');
  const b = Number.parseFloat(after ?? '');
  if (Number.isNaN(a) || Number.isNaN(b)) return before !== after;
  return Math.abs(a - b) > Math.max(1, Math.max(a, b) * MOVED);
}
