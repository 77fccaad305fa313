import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecideState, decide, type Subject } from './decide.ts';
import type { Live, Observation } from './observation.ts';
import { observed, subject } from './testing/subject.ts';

const NOW = 1_000_000;
const steady = (value: number) => observed({ stable: value, panic: value, now: value });
const queue = (scale = {}) => subject({ metrics: [{ type: 'prometheus', target: 10, query: 'q' }], ...scale } as never, {});
const value = (v: number, demand = 0): Observation =>
  observed({ now: demand, panic: demand }, { metrics: [{ stable: v, panic: v, now: v }] });

describe('decide', () => {
  const table: [string, Observation | undefined, Live | undefined, DecideState, Subject, number, RegExp][] = [
    ['steady demand', steady(23.4), undefined, {}, subject({}, { replicas: 2 }), 3, /demand 23\.4 over 60 s \/ target 10 → 3 pods/],
    [
      'growth: the panic window asks for more',
      observed({ stable: 5, panic: 38, now: 38 }),
      undefined,
      {},
      subject({}, { replicas: 3 }),
      4,
      /over 6 s/,
    ],
    [
      'what may be chance is not growth',
      observed({ stable: 29, panic: 32, now: 32 }),
      undefined,
      {},
      subject({}, { replicas: 3 }),
      3,
      /→ 3 pods/,
    ],
    ['a burst', observed({ stable: 5, panic: 80, now: 90 }), undefined, {}, subject({}, { replicas: 2 }), 8, /a burst/],
    [
      'a burst that only the activators know of',
      steady(5),
      { held: 80, running: 10, mean: 20 },
      {},
      subject({}, { replicas: 2 }),
      9,
      /demand 90\.0 now/,
    ],
    ['never down while panicking', steady(5), undefined, { panicUntil: 10_000_000 }, subject({}, { replicas: 9 }), 9, /nothing is lowered/],
    ['down by both windows', observed({ stable: 15, panic: 5, now: 5 }), undefined, {}, subject({}, { replicas: 9 }), 2, /→ 2 pods/],
    [
      'not down on incomplete figures',
      observed({ stable: 15, panic: 5 }, { complete: false }),
      undefined,
      {},
      subject({}, { replicas: 9 }),
      9,
      /did not answer/,
    ],
    [
      'not down before a whole window was seen',
      observed({ stable: 1, panic: 5 }, { covered: false }),
      undefined,
      {},
      subject({}, { replicas: 9 }),
      9,
      /not seen 60 s yet/,
    ],
    [
      'up on incomplete figures',
      observed({ stable: 95, panic: 95 }, { complete: false }),
      undefined,
      {},
      subject({}, { replicas: 9 }),
      10,
      /10 pods/,
    ],
    ['no sample: held', undefined, undefined, {}, subject({}, { replicas: 4 }), 4, /no sample/],
    [
      'no sample, the activators see more',
      undefined,
      { held: 60, running: 10, mean: 9 },
      {},
      subject({}, { replicas: 4 }),
      7,
      /activators' own figures/,
    ],
    [
      'no sample, the activators see less',
      undefined,
      { held: 0, running: 1, mean: 1 },
      {},
      subject({}, { replicas: 4 }),
      4,
      /held at 4 pods/,
    ],
    ['an old sample: held', observed({}, { ageMillis: 60_000 }), undefined, { zeroSince: 0 }, subject({}, { replicas: 4 }), 4, /60 s old/],
    ['idle, but not long enough', observed({}), undefined, { zeroSince: NOW - 10_000, awakeSince: 0 }, subject(), 1, /no demand for 10 s/],
    [
      'idle long enough',
      observed({}),
      undefined,
      { zeroSince: NOW - 100_000, awakeSince: 0 },
      subject({}, { replicas: 3 }),
      0,
      /idle for 100 s .* zero/,
    ],
    ['a request runs: not idle', observed({}), { held: 0, running: 1, mean: 1 }, { zeroSince: 0, awakeSince: 0 }, subject(), 1, /→ 1 pod/],
    [
      'idle, down to min',
      observed({}),
      undefined,
      { zeroSince: 0, awakeSince: 0 },
      subject({ min: 2 }, { replicas: 3 }),
      2,
      /→ 2 pods by spec\.scale\.min/,
    ],
    [
      'idle with many: by the windows',
      observed({ stable: 15 }),
      undefined,
      { zeroSince: NOW - 10_000, awakeSince: 0 },
      subject({}, { replicas: 9 }),
      2,
      /→ 2 pods/,
    ],
    [
      'woken by many: not down at once',
      observed({ stable: 5, panic: 70 }),
      undefined,
      { asleep: true },
      subject({}, { replicas: 9 }),
      9,
      /a burst/,
    ],
    ['just woken, zeros from before', observed({}), undefined, { zeroSince: 0 }, subject(), 1, /no demand for 0 s/],
    [
      'at zero the past wakes nobody',
      observed({ panic: 3, now: 3 }),
      undefined,
      {},
      subject({}, { replicas: 0 }),
      0,
      /first request wakes it/,
    ],
    ['at zero, an activator not scraped', observed({}, { complete: false }), undefined, {}, subject({}, { replicas: 0 }), 0, /at zero/],
    [
      'at zero, held: the activator wakes',
      observed({}),
      { held: 100, running: 0, mean: 5 },
      {},
      subject({}, { replicas: 0 }),
      0,
      /first request wakes/,
    ],
    ['at zero, held, and no sample', undefined, { held: 100, running: 0, mean: 5 }, {}, subject({}, { replicas: 0 }), 0, /no sample/],
    ['min pods at zero', observed({}), undefined, {}, subject({ min: 2 }, { replicas: 0 }), 2, /spec\.scale\.min/],
    ['max', steady(1000), undefined, {}, subject({}, { replicas: 5 }), 20, /spec\.scale\.max 20/],
    ['min pods without a sample', undefined, undefined, {}, subject({ min: 1 }, { replicas: 0 }), 1, /no sample/],
    [
      'fixed',
      steady(100),
      undefined,
      {},
      subject({}, { replicas: 5, fixed: { pods: 2, by: 'spec.replicas' } }),
      2,
      /fixed at 2 pods by spec\.replicas/,
    ],
    ['paused', steady(100), undefined, {}, subject({ paused: true }, { replicas: 5 }), 5, /paused at 5 pods/],
    ['a low demand keeps the last pod', observed({ stable: 0.01, panic: 0.1 }), undefined, {}, subject(), 1, /→ 1 pod/],
    ['a hair over is not another pod', steady(10.9), undefined, {}, subject(), 1, /→ 1 pod/],
    ['a hair under is not one pod less', steady(19.5), undefined, {}, subject({}, { replicas: 3 }), 3, /→ 3 pods/],
    ['no faster up than the rate', steady(200), undefined, {}, subject({ maxScaleUpRate: 2 }, { replicas: 3 }), 6, /→ 6 pods/],
    ['no faster down than the rate', steady(5), undefined, {}, subject({ maxScaleDownRate: 2 }, { replicas: 9 }), 5, /→ 5 pods/],
    [
      'to zero at once whatever the rate',
      observed({}),
      undefined,
      { zeroSince: 0, awakeSince: 0 },
      subject({ maxScaleDownRate: 2 }, { replicas: 9 }),
      0,
      /zero/,
    ],
    [
      'not below what was wanted of late',
      steady(5),
      undefined,
      { wanted: [{ at: NOW - 20_000, pods: 7 }] },
      subject({ scaleDownDelaySeconds: 30 }, { replicas: 9 }),
      7,
      /7 pods/,
    ],
    [
      'what was wanted long ago is forgotten',
      steady(5),
      undefined,
      { wanted: [{ at: NOW - 40_000, pods: 7 }] },
      subject({ scaleDownDelaySeconds: 30 }, { replicas: 9 }),
      1,
      /→ 1 pod/,
    ],
    ['room for a burst', steady(10), undefined, {}, subject({ burstCapacity: 25 }), 4, /burstCapacity 25/],
    [
      'no room for a burst without demand',
      observed({}),
      undefined,
      { zeroSince: 0, awakeSince: 0 },
      subject({ burstCapacity: 25 }, { replicas: 4 }),
      0,
      /zero/,
    ],
    [
      'the highest of several metrics',
      observed(
        { stable: 12, panic: 12, now: 12 },
        {
          metrics: [
            { stable: 12, panic: 12, now: 12 },
            { stable: 700, panic: 700, now: 700 },
          ],
        },
      ),
      undefined,
      {},
      subject({
        metrics: [
          { type: 'concurrency', target: 10 },
          { type: 'rps', target: 100 },
        ],
      } as never),
      7,
      /requests\/s 700\.0 .* → 7 pods/,
    ],
    [
      'one metric cannot be read: up by the other',
      observed({ stable: 50, panic: 50 }, { metrics: [{ error: 'no' }, { stable: 50, panic: 50, now: 50 }] }),
      undefined,
      {},
      subject({
        metrics: [
          { type: 'prometheus', target: 1, query: 'q' },
          { type: 'concurrency', target: 10 },
        ],
      } as never),
      5,
      /→ 5 pods/,
    ],
    [
      'one metric cannot be read: not down',
      observed({ stable: 5, panic: 5 }, { metrics: [{ error: 'no' }, { stable: 5, panic: 5, now: 5 }] }),
      undefined,
      {},
      subject(
        {
          metrics: [
            { type: 'prometheus', target: 1, query: 'q' },
            { type: 'concurrency', target: 10 },
          ],
        } as never,
        { replicas: 4 },
      ),
      4,
      /a metric cannot be read/,
    ],
    [
      'one metric cannot be read: not idle',
      observed({}, { metrics: [{ error: 'no' }] }),
      undefined,
      { zeroSince: 0, awakeSince: 0 },
      queue(),
      1,
      /not lowered|no metric/,
    ],
    ['a query at zero wakes', value(7), undefined, {}, { ...queue(), replicas: 0 }, 1, /PromQL\) 7\.0 now .* → 1 pod/],
    ['a query is followed at once', value(23), undefined, {}, queue(), 3, /→ 3 pods/],
    [
      'a query at nothing lets it sleep',
      value(0),
      undefined,
      { zeroSince: NOW - 60_000, awakeSince: 0 },
      { ...queue(), replicas: 3 },
      0,
      /zero/,
    ],
    ['a query at nothing, and at zero', value(0), undefined, {}, { ...queue(), replicas: 0 }, 0, /or its metric/],
    [
      'predicted: stays',
      observed({}),
      undefined,
      { zeroSince: 0, awakeSince: 0 },
      subject({}, { idlePlan: { up: true, reason: 'calls come every 300 s' } }),
      1,
      /calls come every 300 s/,
    ],
    [
      'predicted: goes',
      observed({}),
      undefined,
      { zeroSince: NOW, awakeSince: 0 },
      subject({}, { idlePlan: { up: false, reason: 'none is foreseen' } }),
      0,
      /none is foreseen/,
    ],
    [
      'predicted: is back',
      observed({}),
      undefined,
      {},
      subject({}, { replicas: 0, idlePlan: { up: true, reason: 'a call is foreseen' } }),
      1,
      /foreseen/,
    ],
  ];
  it.each(table)('%s', (_name, observation, live, state, who, desired, reason) => {
    const decision = decide(observation, live, state, who, NOW);
    expect(decision.desired, decision.reason).toBe(desired);
    expect(decision.reason).toMatch(reason);
  });

  const reading = fc.record({
    stable: fc.double({ min: 0, max: 5000, noNaN: true }),
    panic: fc.double({ min: 0, max: 5000, noNaN: true }),
    now: fc.nat(5000),
  });
  const anyObservation = fc
    .record({ reading, ageMillis: fc.nat(20_000), complete: fc.boolean(), covered: fc.boolean() })
    .map(({ reading: demand, ...over }) => observed(demand, over));
  const anyLive = fc.option(fc.record({ held: fc.nat(500), running: fc.nat(500), mean: fc.double({ min: 0, max: 1000, noNaN: true }) }), {
    nil: undefined,
  });
  const anySubject = fc
    .record({
      min: fc.nat(5),
      more: fc.integer({ min: 1, max: 50 }),
      target: fc.integer({ min: 1, max: 100 }),
      replicas: fc.nat(60),
      maxScaleUpRate: fc.integer({ min: 2, max: 1000 }),
      maxScaleDownRate: fc.integer({ min: 2, max: 1000 }),
      burstCapacity: fc.nat(50),
      scaleDownDelaySeconds: fc.nat(60),
    })
    .map(({ min, more, replicas, ...scale }) => subject({ ...scale, min, max: min + more }, { replicas }));

  it('stays within min and max, and is whole', () => {
    fc.assert(
      fc.property(fc.option(anyObservation, { nil: undefined }), anyLive, anySubject, (observation, live, who) => {
        const { desired } = decide(observation, live, {}, who, NOW);
        expect(desired).toBeGreaterThanOrEqual(who.min);
        expect(desired).toBeLessThanOrEqual(who.max);
        expect(Number.isInteger(desired)).toBe(true);
      }),
    );
  });

  it('wants no fewer pods for more demand', () => {
    fc.assert(
      fc.property(anyObservation, fc.double({ min: 0, max: 1000, noNaN: true }), anySubject, (observation, more, who) => {
        const { demand } = observation;
        const over = { complete: observation.complete, covered: observation.covered };
        const higher = observed({ stable: demand.stable + more, panic: demand.panic + more, now: demand.now + Math.ceil(more) }, over);
        const before = decide(observed(demand, over), undefined, {}, who, NOW).desired;
        expect(decide(higher, undefined, {}, who, NOW).desired).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('a burst met before Prometheus has a sample is remembered: nothing is lowered for a stable window', () => {
    const met = decide(undefined, { held: 40, running: 10, mean: 20 }, {}, subject(), NOW);
    expect(met.desired).toBe(5);
    const desiredAfter = (millis: number) => decide(steady(9), undefined, met.state, subject({}, { replicas: 5 }), NOW + millis).desired;
    expect([desiredAfter(4000), desiredAfter(59_000), desiredAfter(61_000)]).toEqual([5, 5, 1]);
  });

  it('growth met before Prometheus has a sample is no burst', () => {
    const met = decide(undefined, { held: 5, running: 30, mean: 30 }, {}, subject({}, { replicas: 3 }), NOW);
    expect(met.desired).toBe(4);
    expect(met.state.panicUntil).toBeUndefined();
  });

  it('a steady load settles at once and never moves again', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 150, noNaN: true }), fc.integer({ min: 1, max: 20 }), (load, replicas) => {
        let state: DecideState = {};
        const seen: number[] = [];
        let pods = replicas;
        for (let i = 0; i < 40; i += 1) {
          // The load wavers by 1 % around its mean.
          const wavering = load * (1 + 0.01 * Math.sin(i));
          const decision = decide(steady(wavering), undefined, state, subject({ max: 100 }, { replicas: pods }), NOW + i * 2000);
          state = decision.state;
          pods = decision.desired;
          if (i >= 35) seen.push(pods);
        }
        expect(new Set(seen).size).toBe(1);
      }),
    );
  });

  it('never goes down without a fresh and complete sample, and to zero only after a whole idle window of zeros', () => {
    const step = fc.record({
      observation: fc.option(
        anyObservation.map((o) => (o.demand.now % 3 ? observed({}, { ageMillis: o.ageMillis, complete: o.complete }) : o)),
        { nil: undefined },
      ),
      live: anyLive,
      millis: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state: DecideState = {};
        let replicas = 3;
        let now = NOW;
        let lastBusy = now;
        for (const { observation, live, millis } of steps) {
          now += millis;
          const usable = observation !== undefined && observation.ageMillis <= 10_000 && observation.complete;
          if (!usable || observation.demand.now > 0 || observation.demand.panic > 0 || (live?.held ?? 0) + (live?.running ?? 0) > 0)
            lastBusy = now;
          const decision = decide(observation, live, state, subject({}, { replicas }), now);
          if (decision.desired < replicas) expect(usable).toBe(true);
          if (decision.desired === 0 && replicas > 0) expect(now - lastBusy).toBeGreaterThanOrEqual(60_000);
          state = decision.state;
          replicas = decision.desired || 3;
        }
      }),
    );
  });
});
