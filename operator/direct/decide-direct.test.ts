import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DirectObservation, type DirectState, type DirectSubject, decideDirect } from './decide-direct.ts';

const calm: DirectObservation = { demandStable: 2, demandPanic: 2, demandNow: 2, held: 0, fresh: true };
const subject = (over: Partial<DirectObservation> = {}, pods: Partial<DirectSubject> = {}): DirectSubject => ({
  ready: 3,
  capacity: 12,
  observation: { ...calm, ...over },
  ...pods,
});

describe('going direct', () => {
  it.each<[string, DirectSubject, boolean]>([
    ['at half of what the pods carry', subject({ demandStable: 6, demandPanic: 6, demandNow: 6 }), true],
    ['without any demand', subject({ demandStable: 0, demandPanic: 0, demandNow: 0 }), true],
    ['at more by the stable window', subject({ demandStable: 6.1 }), false],
    ['at more by the panic window', subject({ demandPanic: 6.1 }), false],
    ['at more now', subject({ demandNow: 7 }), false],
    ['while somebody waits', subject({ held: 1 }), false],
    ['without a Ready pod', subject({}, { ready: 0, capacity: 0 }), false],
    ['without an observation', subject({}, { observation: undefined }), false],
    ['on an old sample', subject({ fresh: false }), false],
  ])('%s, for 10 s', (_name, seen, expected) => {
    let state: DirectState = { direct: false };
    for (let now = 0; now <= 10_000; now += 2000) state = decideDirect(state, seen, now).state;
    expect(state.direct).toBe(expected);
  });

  it('takes 10 s without a break', () => {
    let state: DirectState = { direct: false };
    const look = (now: number, seen = subject()): boolean => {
      state = decideDirect(state, seen, now).state;
      return state.direct;
    };
    expect([0, 2000, 8000].map((now) => look(now))).toEqual([false, false, false]);
    expect(look(9000, subject({ demandNow: 7 }))).toBe(false);
    expect([10_000, 19_999].map((now) => look(now))).toEqual([false, false]);
    expect(look(20_000)).toBe(true);
  });
});

describe('going back', () => {
  it.each<[string, DirectSubject, boolean]>([
    ['not between half and four fifths', subject({ demandStable: 9, demandPanic: 9.6, demandNow: 9 }), true],
    ['not for the stable window alone, which lags behind', subject({ demandStable: 12 }), true],
    ['above four fifths by the panic window', subject({ demandPanic: 9.7 }), false],
    ['above four fifths now', subject({ demandNow: 10 }), false],
    ['when somebody waits', subject({ held: 1 }), false],
    ['when the last pod is not Ready', subject({}, { ready: 0, capacity: 0 }), false],
    ['when there are fewer pods for the same demand', subject({}, { ready: 1, capacity: 2 }), false],
    ['without an observation', subject({}, { observation: undefined }), false],
    ['on an old sample', subject({ fresh: false }), false],
  ])('%s', (_name, seen, expected) => {
    const { state, reason } = decideDirect({ direct: true }, seen, 0);
    expect(state.direct).toBe(expected);
    expect(reason).not.toBe('');
  });
});

it('is direct only if it was calm for 10 s, and never one observation longer than it may be', () => {
  const sample = fc.record({
    ready: fc.nat(3),
    demand: fc.double({ min: 0, max: 15, noNaN: true }),
    held: fc.constantFrom(0, 0, 0, 0, 2),
    fresh: fc.constantFrom(true, true, true, true, false),
  });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), (samples) => {
      let state: DirectState = { direct: false };
      let calmFor = 0;
      samples.forEach(({ ready, demand, held, fresh }, i) => {
        const capacity = ready * 4;
        const observation = { demandStable: demand, demandPanic: demand, demandNow: demand, held, fresh };
        const before = state.direct;
        state = decideDirect(state, { ready, capacity, observation }, i * 2000).state;
        const possible = ready > 0 && fresh && held === 0;
        calmFor = possible && demand <= capacity / 2 ? calmFor + 1 : 0;
        if (!possible || demand > 0.8 * capacity) expect(state.direct).toBe(false);
        if (!before && state.direct) expect(calmFor).toBeGreaterThanOrEqual(6);
        if (before && possible && demand <= 0.8 * capacity) expect(state.direct).toBe(true);
      });
    }),
  );
});
