import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IdlePolicy, idlePolicy } from '../../../operator/autoscaler/idle/idle-policy.ts';
import { IdleTracker } from '../../../operator/autoscaler/idle/idle-tracker.ts';
import { equalIdle } from './equal-idle.ts';
import { fixedPolicy } from './fixed-policy.ts';
import { CALL, COLD_START, type Outcome, replay, replayFunction, SEEN_AFTER, SEEN_FOR, sum, TICK } from './replay.ts';

/** A call at 0 is the first: cold, its demand ends at 0.5 s and is seen until the tick at 6 s. */
describe('replayFunction, fixed at 60 s', () => {
  const table: [string, number[], number, Outcome][] = [
    ['one call: up until 6 + 60 s', [0], 1000, { calls: 1, cold: 1, starts: 1, idleSeconds: 65.5 }],
    ['the trace ends before', [0], 30, { calls: 1, cold: 1, starts: 1, idleSeconds: 29.5 }],
    // The second ends at 50.1, is seen until 56, and its pod goes at 116: 49.5 + 65.9.
    ['warm', [0, 50], 1000, { calls: 2, cold: 1, starts: 1, idleSeconds: 115.4 }],
    ['just in time', [0, 65.9], 66, { calls: 2, cold: 1, starts: 1, idleSeconds: 65.4 }],
    // 65.5; then from 66.5, seen until 72, gone at 132: another 65.5.
    ['just too late', [0, 66], 1000, { calls: 2, cold: 2, starts: 2, idleSeconds: 131 }],
    ['while the first waits for its pod', [0, 0.2], 30, { calls: 2, cold: 1, starts: 1, idleSeconds: 29.5 }],
    ['seconds apart: no gap is seen', [0, 3, 6], 10, { calls: 3, cold: 1, starts: 1, idleSeconds: 9.3 }],
    ['none', [], 1000, { calls: 0, cold: 0, starts: 0, idleSeconds: 0 }],
  ];
  it.each(table)('%s', (_what, times, endSeconds, { idleSeconds, ...counts }) => {
    const outcome = replayFunction(times, { policy: fixedPolicy, idleSeconds: 60, endSeconds });
    expect(outcome).toMatchObject(counts);
    expect(outcome.idleSeconds).toBeCloseTo(idleSeconds, 6);
  });
});

describe('replayFunction, pre-warmed from 100 to 120 s', () => {
  const policy: IdlePolicy = () => ({ keepSeconds: 10, prewarmSeconds: 100, untilSeconds: 120, reason: '' });
  // The first call is seen until 6 s: kept until 16 (15.5 s idle), back from 106 to 126.
  const table: [string, number, Omit<Outcome, 'calls' | 'idleSeconds'> & { idleBefore: number }][] = [
    ['before: cold', 90, { cold: 2, starts: 2, idleBefore: 15.5 }],
    ['as it comes up: cold, but no further pod', 106.2, { cold: 2, starts: 2, idleBefore: 15.7 }],
    ['within: warm', 116, { cold: 1, starts: 2, idleBefore: 25.5 }],
    ['after: cold, and the pod was for nothing', 126, { cold: 2, starts: 3, idleBefore: 35.5 }],
  ];
  it.each(table)('%s', (_what, time, { idleBefore, ...counts }) => {
    const outcome = replayFunction([0, time], { policy, idleSeconds: 60, endSeconds: time });
    expect(outcome).toMatchObject(counts);
    expect(outcome.idleSeconds).toBeCloseTo(idleBefore, 6);
  });
});

/** The same by its definition: every tick is gone through, and the tracker asked at each, as the autoscaler does. */
function tickByTick(times: readonly number[], idleSeconds: number, endSeconds: number): Outcome {
  const tracker = new IdleTracker({ fallbackSeconds: idleSeconds });
  const outcome: Outcome = { calls: times.length, cold: 0, starts: 0, idleSeconds: 0 };
  const demand: { from: number; to: number }[] = [];
  let [up, upSince, clock, next] = [false, 0, 0, 0];
  const busyUntil = (): number => demand.at(-1)?.to ?? 0;
  const pass = (to: number): void => {
    if (up) outcome.idleSeconds += Math.max(0, to - Math.max(clock, busyUntil(), upSince));
    clock = to;
  };
  for (let tick = 0; tick <= endSeconds + TICK; tick += TICK) {
    for (let time = times[next]; time !== undefined && time < tick; time = times[next]) {
      next += 1;
      const last = demand.at(-1);
      if (last && time < last.to) {
        last.to = Math.max(last.to, time + CALL);
        continue;
      }
      pass(time);
      const warm = up && time >= upSince + COLD_START;
      if (!warm) outcome.cold += 1;
      if (!up) outcome.starts += 1;
      if (!warm) [up, upSince] = [true, Number.NEGATIVE_INFINITY];
      demand.push({ from: time, to: time + CALL + (warm ? 0 : COLD_START) });
    }
    if (tick > endSeconds) break;
    pass(Math.min(tick, endSeconds));
    if (demand.length === 0) continue;
    const seen = demand.some(({ from, to }) => from <= tick - SEEN_AFTER && to > tick - SEEN_FOR);
    const hidden = demand.some(({ from }) => from > tick - SEEN_AFTER);
    tracker.observe(seen, tick * 1000);
    const wanted = tracker.plan(tick * 1000).up || hidden;
    if (wanted && !up) {
      outcome.starts += 1;
      upSince = tick;
    }
    if (!seen) up = wanted;
  }
  pass(endSeconds);
  return outcome;
}

describe('replayFunction', () => {
  it('is what asking at every tick is', () => {
    const gap = fc.oneof(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 29_000, max: 31_000 }), fc.integer({ min: 1, max: 60_000 }));
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 40 }), fc.integer({ min: 2, max: 120 }), (gaps, idleSeconds) => {
        let time = 0;
        // By hundredths of a second, off the ticks: what comes at the same moment as a tick has no order.
        const times = gaps.map((hundredths) => {
          time += hundredths;
          return time / 100 + 0.003;
        });
        const endSeconds = Math.ceil(time / 100) + 301.5;
        const slow = tickByTick(times, idleSeconds, endSeconds);
        const fast = replayFunction(times, { policy: idlePolicy, idleSeconds, endSeconds });
        expect({ ...fast, idleSeconds: fast.idleSeconds.toFixed(3) }).toEqual({ ...slow, idleSeconds: slow.idleSeconds.toFixed(3) });
      }),
      { numRuns: 200 },
    );
  });

  it('knows nothing of the future: what came until a call does not depend on what comes after', () => {
    const times = Array.from({ length: 30 }, (_, n) => n * 300);
    const until = replayFunction(times, { policy: idlePolicy, idleSeconds: 60, endSeconds: 29 * 300 });
    const other = replayFunction([...times, 29 * 300 + 1, 29 * 300 + 5], { policy: idlePolicy, idleSeconds: 60, endSeconds: 29 * 300 });
    expect(other.cold).toBe(until.cold);
    // Four gaps are to be seen first, so five calls are cold; the first is so in any case.
    expect(until).toMatchObject({ calls: 30, cold: 5 });
  });
});

describe('replay', () => {
  it('adds up functions, all or some', () => {
    const trace = new Map([
      ['rare-0', [0]],
      ['cron-0', [0, 50]],
    ]);
    const outcomes = replay(trace, { policy: fixedPolicy, idleSeconds: 60, endSeconds: 1000 });
    expect(sum(outcomes)).toMatchObject({ calls: 3, cold: 2, starts: 2 });
    expect(sum(outcomes).idleSeconds).toBeCloseTo(180.9, 6);
    expect(sum(outcomes, (name) => name.startsWith('cron'))).toMatchObject({ calls: 2, cold: 1 });
  });
});

describe('equalIdle', () => {
  it.each([1, 54, 1872, 90_000])('finds %d s', (seconds) => {
    expect(equalIdle((guess) => guess * 7, seconds * 7) / seconds).toBeCloseTo(1, 1);
  });
});
