import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecideState, decide, type Observation, type Subject } from './decide.ts';

const subject: Subject = {
  protocol: 'lambda',
  http2: false,
  port: 8080,
  timeoutSeconds: 30,
  concurrency: 10,
  min: 0,
  max: 20,
  initial: 1,
  metrics: [{ type: 'concurrency', target: 10, query: '' }],
  idleAuto: false,
  stableWindowChosen: false,
  panicWindowChosen: false,
  scaleDownDelaySeconds: 0,
  maxScaleUpRate: 1000,
  maxScaleDownRate: 1000,
  burstCapacity: 0,
  schedule: [],
  paused: false,
  directAccess: false,
  idleSeconds: 60,
  stableWindowSeconds: 60,
  panicWindowSeconds: 6,
  replicas: 1,
};
const seen = (over: Partial<Observation> = {}): Observation => ({ stable: 0, panic: 0, now: 0, ageMillis: 1000, complete: true, ...over });
const at = (over: Partial<Subject>): Subject => ({ ...subject, ...over });

describe('decide', () => {
  const table: [string, Observation | undefined, DecideState, Subject, number, RegExp][] = [
    [
      'steady demand',
      seen({ stable: 23.4, panic: 23, now: 23 }),
      {},
      at({ replicas: 2 }),
      3,
      /demand 23\.4 over 60 s \/ target 10 → 3 pods/,
    ],
    ['a burst: the panic window rules', seen({ stable: 5, panic: 80, now: 90 }), {}, at({ replicas: 2 }), 9, /a burst/],
    [
      'never down while panicking',
      seen({ stable: 5, panic: 5, now: 5 }),
      { panicUntil: 10_000_000 },
      at({ replicas: 9 }),
      9,
      /nothing is lowered/,
    ],
    ['down by the stable window', seen({ stable: 15, panic: 5, now: 5 }), {}, at({ replicas: 9 }), 2, /→ 2 pods/],
    [
      'not down on incomplete figures',
      seen({ stable: 15, panic: 5, now: 5, complete: false }),
      {},
      at({ replicas: 9 }),
      9,
      /did not answer/,
    ],
    ['up on incomplete figures', seen({ stable: 95, panic: 95, now: 95, complete: false }), {}, at({ replicas: 9 }), 10, /10 pods/],
    ['no sample: held', undefined, {}, at({ replicas: 4 }), 4, /no sample/],
    ['an old sample: held', seen({ stable: 0, ageMillis: 60_000 }), { zeroSince: 0 }, at({ replicas: 4 }), 4, /60 s old/],
    ['idle, but not long enough', seen(), { zeroSince: 990_000, awakeSince: 0 }, at({ replicas: 1 }), 1, /no demand for 10 s/],
    ['idle long enough', seen(), { zeroSince: 900_000, awakeSince: 0 }, at({ replicas: 3 }), 0, /idle for 100 s .* zero/],
    ['idle, down to min', seen(), { zeroSince: 900_000, awakeSince: 0 }, at({ replicas: 3, min: 2 }), 2, /→ 2 pods/],
    [
      'idle with many: by the stable window',
      seen({ stable: 15 }),
      { zeroSince: 990_000, awakeSince: 0 },
      at({ replicas: 9 }),
      2,
      /→ 2 pods/,
    ],
    ['woken by many: not down at once', seen({ stable: 5, panic: 70, now: 70 }), { asleep: true }, at({ replicas: 9 }), 9, /a burst/],
    ['just woken, zeros from before', seen(), { zeroSince: 0 }, at({ replicas: 1 }), 1, /no demand for 0 s/],
    ['at zero it stays: the activator wakes', seen({ panic: 3, now: 3 }), {}, at({ replicas: 0 }), 0, /first request wakes it/],
    ['min pods at zero', seen(), {}, at({ replicas: 0, min: 2 }), 2, /spec\.scale\.min/],
    ['max', seen({ stable: 1000, panic: 1000, now: 1000 }), {}, at({ replicas: 5 }), 20, /spec\.scale\.max 20/],
    ['min pods without a sample', undefined, {}, at({ replicas: 0, min: 1 }), 1, /no sample/],
    ['fixed', seen({ stable: 100 }), {}, at({ replicas: 5, fixed: 2 }), 2, /fixed at 2 pods/],
    ['a low demand keeps the last pod', seen({ stable: 0.01, panic: 0.1 }), {}, at({ replicas: 1 }), 1, /→ 1 pod/],
    ['a hair over is not another pod', seen({ stable: 10.1, panic: 10, now: 10 }), {}, at({ replicas: 1 }), 1, /→ 1 pod/],
  ];
  it.each(table)('%s', (_name, observation, state, who, desired, reason) => {
    const decision = decide(observation, state, who, 1_000_000);
    expect(decision.desired).toBe(desired);
    expect(decision.reason).toMatch(reason);
  });

  const anyObservation = fc.record({
    stable: fc.double({ min: 0, max: 5000, noNaN: true }),
    panic: fc.double({ min: 0, max: 5000, noNaN: true }),
    now: fc.nat(5000),
    ageMillis: fc.nat(20_000),
    complete: fc.boolean(),
  });
  const anySubject = fc
    .record({ min: fc.nat(5), more: fc.integer({ min: 1, max: 50 }), target: fc.integer({ min: 1, max: 100 }), replicas: fc.nat(60) })
    .map(({ min, more, target, replicas }) =>
      at({ min, max: min + more, metrics: [{ type: 'concurrency', target, query: '' }], replicas }),
    );

  it('stays within min and max', () => {
    fc.assert(
      fc.property(fc.option(anyObservation, { nil: undefined }), anySubject, (observation, who) => {
        const { desired } = decide(observation, {}, who, 1e6);
        expect(desired).toBeGreaterThanOrEqual(who.min);
        expect(desired).toBeLessThanOrEqual(who.max);
        expect(Number.isInteger(desired)).toBe(true);
      }),
    );
  });

  it('wants no fewer pods for more demand', () => {
    fc.assert(
      fc.property(anyObservation, fc.double({ min: 0, max: 1000, noNaN: true }), anySubject, (observation, more, who) => {
        const fresh = { ...observation, ageMillis: 0 };
        const higher = { ...fresh, stable: fresh.stable + more, panic: fresh.panic + more, now: fresh.now + Math.ceil(more) };
        expect(decide(higher, {}, who, 1e6).desired).toBeGreaterThanOrEqual(decide(fresh, {}, who, 1e6).desired);
      }),
    );
  });

  it('never goes down without a fresh and complete sample, and to zero only after a whole idle window of zeros', () => {
    const step = fc.record({
      observation: fc.option(
        anyObservation.map((o) => (o.now % 3 ? { ...o, stable: 0, panic: 0, now: 0 } : o)),
        { nil: undefined },
      ),
      millis: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state: DecideState = {};
        let replicas = 3;
        let now = 1e6;
        let lastBusy = now;
        for (const { observation, millis } of steps) {
          now += millis;
          const usable = observation !== undefined && observation.ageMillis <= 10_000 && observation.complete;
          if (!usable || observation.now > 0 || observation.panic > 0) lastBusy = now;
          const decision = decide(observation, state, at({ replicas }), now);
          if (decision.desired < replicas) expect(usable).toBe(true);
          if (decision.desired === 0 && replicas > 0) expect(now - lastBusy).toBeGreaterThanOrEqual(60_000);
          state = decision.state;
          replicas = decision.desired || 3;
        }
      }),
    );
  });
});
