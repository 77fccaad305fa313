import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdleTracker } from './idle-tracker.ts';

const TICK = 2000;
/** Observes, tick by tick, one busy tick every so many seconds; ends idle, `idleSeconds` after the last. */
function timer(tracker: IdleTracker, periodSeconds: number, calls: number, idleSeconds: number): number {
  const last = (calls - 1) * periodSeconds * 1000;
  for (let now = 0; now <= last + idleSeconds * 1000; now += TICK) tracker.observe(now <= last && now % (periodSeconds * 1000) === 0, now);
  return last;
}

describe('IdleTracker', () => {
  it('is up for idleSeconds, and then at zero, while nothing is known', () => {
    const tracker = new IdleTracker({ fallbackSeconds: 60 });
    tracker.observe(false, 10_000);
    expect(tracker.plan(69_999).up).toBe(true);
    expect(tracker.plan(70_000)).toEqual({
      up: false,
      reason: 'no demand for 60 s; at zero until the next call: 0 of 4 gaps between calls seen, so idleSeconds 60 holds',
    });
    tracker.observe(true, 80_000);
    expect(tracker.plan(80_000)).toEqual({ up: true, reason: 'there is demand' });
    tracker.observe(false, 82_000);
    expect(tracker.plan(139_999).up).toBe(true);
    expect(tracker.plan(140_000).up).toBe(false);
  });

  it('learns a timer: at zero between its calls, up before each', () => {
    const tracker = new IdleTracker({ fallbackSeconds: 60 });
    const last = timer(tracker, 600, 6, 2);
    const windows = 'of the last 5 gaps 100 % ended from 594 to 604 s';
    const table: [number, boolean, string][] = [
      [2, false, 'no demand for 2 s; at zero until 594 s'],
      [592, false, 'no demand for 592 s; at zero until 594 s'],
      [594, true, 'no demand for 594 s; up ahead of the next call until 604 s'],
      [602, true, 'no demand for 602 s; up ahead of the next call until 604 s'],
      [604, false, 'no demand for 604 s; at zero until the next call'],
    ];
    for (const [seconds, up, what] of table) expect(tracker.plan(last + seconds * 1000)).toEqual({ up, reason: `${what}: ${windows}` });
  });

  it('learns calls that come often: up from one to the next', () => {
    const tracker = new IdleTracker({ fallbackSeconds: 10 });
    const last = timer(tracker, 20, 10, 2);
    expect(tracker.plan(last + 22_000)).toMatchObject({
      up: true,
      reason: expect.stringMatching(/up until 24 s: of the last 8 gaps 100 % ended within 24 s/),
    });
    expect(tracker.plan(last + 24_000).up).toBe(false);
  });

  it('goes on after a restart, in the middle of a gap', () => {
    const before = new IdleTracker({ fallbackSeconds: 60 });
    const last = timer(before, 600, 6, 300);
    const after = new IdleTracker({ fallbackSeconds: 60, state: before.serialise() });
    expect(before.serialise().length).toBeLessThan(100);
    expect(after.plan(last + 500_000).up).toBe(false);
    expect(after.plan(last + 596_000).up).toBe(true);
  });

  it('does not change its state while there is no demand', () => {
    const tracker = new IdleTracker({ fallbackSeconds: 60 });
    const last = timer(tracker, 600, 6, 2);
    const state = tracker.serialise();
    tracker.observe(false, last + 4000);
    tracker.plan(last + 5000);
    expect(tracker.serialise()).toBe(state);
  });

  it.each(['', 'null', '[]', '{"phase":"asleep","since":1}', '{"phase":"idle","since":null,"gaps":[0]}'])(
    'begins anew on the state %j',
    (state) => {
      const tracker = new IdleTracker({ fallbackSeconds: 60, state });
      expect(tracker.serialise()).toBe(new IdleTracker({ fallbackSeconds: 60 }).serialise());
    },
  );

  const anySteps = fc.array(fc.record({ busy: fc.boolean(), millis: fc.oneof(fc.constant(TICK), fc.integer({ min: 0, max: 2e6 })) }), {
    maxLength: 300,
  });

  it('goes down only once in a gap before its pre-warming, and up only for that', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const tracker = new IdleTracker({ fallbackSeconds: 60 });
        let now = 0;
        let changes = 0;
        let up = true;
        for (const { busy, millis } of steps) {
          now += millis;
          tracker.observe(busy, now);
          const plan = tracker.plan(now);
          if (busy) {
            expect(plan.up).toBe(true);
            changes = 0;
          } else if (plan.up !== up) changes += 1;
          // Down, up ahead of the next call, down.
          expect(changes).toBeLessThanOrEqual(3);
          up = plan.up;
        }
      }),
    );
  });

  it('restored at any moment, it says what it would have said', () => {
    fc.assert(
      fc.property(anySteps, fc.nat(300), (steps, at) => {
        const whole = new IdleTracker({ fallbackSeconds: 60 });
        let other = new IdleTracker({ fallbackSeconds: 60 });
        let now = 0;
        for (const [index, { busy, millis }] of steps.entries()) {
          if (index === at) other = new IdleTracker({ fallbackSeconds: 60, state: other.serialise() });
          now += millis;
          whole.observe(busy, now);
          other.observe(busy, now);
          expect(other.plan(now)).toEqual(whole.plan(now));
        }
        expect(other.serialise()).toBe(whole.serialise());
        expect(whole.serialise().length).toBeLessThan(1650);
      }),
    );
  });
});
