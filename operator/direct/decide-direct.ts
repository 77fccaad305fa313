/** What is known of a function when it is decided whether callers are to reach its pods directly. */
export interface DirectSubject {
  /** Ready pods that callers could be led to. */
  ready: number;
  /** Requests at once that these carry: pods × concurrency. */
  capacity: number;
  /** Undefined when there is no observation. */
  observation: DirectObservation | undefined;
}

/** What the autoscaler sees of a function, each tick. Demand: requests held and running, those included that come directly. */
export interface DirectObservation {
  /** Its mean over the stable and the panic window, and the newest sample. */
  demandStable: number;
  demandPanic: number;
  demandNow: number;
  /** Requests that wait in the activators. */
  held: number;
  /** New, and of all who count: activators and pods. */
  fresh: boolean;
}

/** What is remembered from one decision to the next. */
export interface DirectState {
  direct: boolean;
  /** Since when demand has been low, in milliseconds on the clock of `now`. */
  calmSince?: number;
}

export interface DirectDecision {
  state: DirectState;
  /** Why, in words, with the figures. */
  reason: string;
}

/** Callers go direct at this part of what the pods carry, or less, and come back above that part: far enough apart that one request more does not turn it. */
const CALM = 0.5;
const CROWDED = 0.8;
/** For so long demand is to have been low: five observations. */
const CALM_MILLIS = 10_000;

/**
 * Whether in-cluster callers are to reach the pods directly; pure. Slow to begin, quick to end: what is wrong with being direct is that requests meet full pods.
 *
 * Example: 3 pods of concurrency 4 carry 12. Direct once the means over both windows and the newest sample have been at most 6 for 10 s and nobody waited; back when
 * the panic window or the newest sample says more than 9.6, somebody waits, no pod is Ready, or nothing is known.
 */
export function decideDirect(before: DirectState, { ready, capacity, observation }: DirectSubject, now: number): DirectDecision {
  const back = (reason: string): DirectDecision => ({ state: { direct: false }, reason });
  if (ready === 0) return back('no pod is Ready');
  if (!observation) return back('demand is not known');
  const { demandStable, demandPanic, demandNow, held, fresh } = observation;
  if (!fresh) return back('demand is not known: the newest sample is old, or not of all who count');
  if (held > 0) return back(`${held} requests wait for a pod`);
  const peak = Math.max(demandPanic, demandNow);
  if (before.direct) {
    if (peak > CROWDED * capacity) return back(`demand ${figure(peak)} of ${capacity} that the pods carry`);
    return { state: { direct: true }, reason: `room to spare: demand ${figure(demandStable)} of ${capacity} that the pods carry` };
  }
  const highest = Math.max(demandStable, peak);
  if (highest > CALM * capacity) return back(`demand ${figure(highest)} of ${capacity} that the pods carry`);
  const calmSince = before.calmSince ?? now;
  const reason = `room to spare: demand ${figure(demandStable)} of ${capacity} that the pods carry`;
  if (now - calmSince >= CALM_MILLIS) return { state: { direct: true }, reason };
  return { state: { direct: false, calmSince }, reason: `${reason}, but not for ${CALM_MILLIS / 1000} s yet` };
}

function figure(demand: number): string {
  return demand.toFixed(1);
}
