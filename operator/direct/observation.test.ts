import { expect, it } from 'vitest';
import { observed } from '../autoscaler/testing/subject.ts';
import { directObservation } from './observation.ts';

const live = { held: 2, running: 1, mean: 3 };

it('is demand as Prometheus tells it, and who waits as the activators do', () => {
  expect(directObservation(observed({ stable: 1, panic: 2, now: 3 }), live)).toEqual({
    demandStable: 1,
    demandPanic: 2,
    demandNow: 3,
    held: 2,
    fresh: true,
  });
  expect(directObservation(undefined, live)).toBeUndefined();
});

it.each([
  ['an old sample', observed({}, { ageMillis: 10_001 }), live],
  ['an activator did not answer', observed({}, { complete: false, activators: false }), live],
  ['Prometheus has not seen a whole window', observed({}, { covered: false }), live],
  ['no activator is heard', observed({}), undefined],
])('is not fresh: %s', (_name, observation, heard) => {
  expect(directObservation(observation, heard)?.fresh).toBe(false);
});

it('is fresh though a pod that ends does not answer any more', () => {
  expect(directObservation(observed({}, { complete: false }), live)?.fresh).toBe(true);
});
