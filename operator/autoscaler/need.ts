/** Pods that a value needs, in both directions of a hysteresis. */

/**
 * A whole pod is not asked for what is a hair over, nor given back for what is a hair under: a steady load that lies on a boundary does not flap. A hair is a tenth of a
 * pod, or a fiftieth of all of them where that is more.
 * Worked example, target 10: 20.9 → up 2, 21.1 → up 3; with 3 pods, 19.1 still wants 3, 18.9 wants 2.
 */
const BAND_PODS = 0.1;
const BAND_SHARE = 0.02;

function band(pods: number): number {
  return Math.max(BAND_PODS, pods * BAND_SHARE);
}

/** Pods to go up to. Example: (23.4, 10) → ceil(2.34 − 0.1) = 3; (10.5, 10) → 1; (1015, 10) → ceil(101.5 − 2.03) = 100. */
export function podsUp(value: number, target: number): number {
  const pods = value / target;
  return Math.max(0, Math.ceil(pods - band(pods)));
}

/** Pods to go down to, never fewer than podsUp. Example: (19.5, 10) → ceil(1.95 + 0.1) = 3; (18.9, 10) → 2. */
export function podsDown(value: number, target: number): number {
  const pods = value / target;
  return value <= 0 ? 0 : Math.ceil(pods + band(pods));
}

/**
 * A short window's mean, without what may be chance: of N requests that come independently, N itself varies by √N (Poisson), so a steady load of 22 a window is seen as
 * 25 now and then. Half of that deviation is taken off. Example: 20 → 17.8; 100 → 95; 0.2 → 0.
 */
export function beyondChance(value: number): number {
  return Math.max(0, value - 0.5 * Math.sqrt(Math.max(0, value)));
}
