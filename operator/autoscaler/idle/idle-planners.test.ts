import { expect, it } from 'vitest';
import { effectiveSpec } from '../../../common/api/defaults.ts';
import { IdlePlanners } from './idle-planners.ts';

const spec = effectiveSpec({ code: {}, scale: { idle: 'auto', idleSeconds: 60 } });
const START = Date.parse('2026-11-24T00:00:00Z');

/** A call of 4 s every 600 s, looked at every 2 s; returns when the call of the last period found a pod, and for how long one was up without a call. */
function timer(planners: IdlePlanners, from: number, periods: number): { warm: boolean; upSeconds: number } {
  let warm = false;
  let upSeconds = 0;
  for (let i = 0; i < periods; i += 1) {
    upSeconds = 0;
    for (let second = 0; second < 600; second += 2) {
      const now = from + (i * 600 + second) * 1000;
      const busy = second < 4;
      if (second === 0) warm = planners.plan('a/b', spec, undefined, now - 1000).up;
      const { up } = planners.plan('a/b', spec, busy, now);
      if (up && !busy) upSeconds += 2;
    }
  }
  return { warm, upSeconds };
}

it('learns a timer, is up ahead of its calls and not in between', () => {
  const planners = new IdlePlanners();
  const { warm, upSeconds } = timer(planners, START, 20);
  expect(warm).toBe(true);
  expect(upSeconds).toBeLessThan(200);
});

it('what was learnt outlives the process, and a function that is gone is forgotten', () => {
  const planners = new IdlePlanners();
  timer(planners, START, 20);
  const next = new IdlePlanners();
  next.restore(planners.serialise());
  expect(timer(next, START + 20 * 600_000, 1)).toEqual(timer(planners, START + 20 * 600_000, 1));
  planners.forget('a/b');
  expect(planners.serialise()).toEqual({});
});

it('another idleSeconds keeps what was learnt', () => {
  const planners = new IdlePlanners();
  timer(planners, START, 20);
  const before = planners.serialise()['a/b'];
  planners.plan('a/b', { ...spec, idleSeconds: 30 }, undefined, START + 20 * 600_000);
  expect(planners.serialise()['a/b']).toBe(before);
});
