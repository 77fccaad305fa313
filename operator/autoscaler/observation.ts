/** One figure over both windows and at the newest sample. */
export interface Reading {
  stable: number;
  panic: number;
  now: number;
}

/** What Prometheus tells of one function. */
export interface Observation {
  /** Demand (requests held and running): time-weighted means over the windows, and the newest sample. Zero here is what idling means. */
  demand: Reading;
  /** What each entry of spec.scale.metrics reads, in their order; or why it cannot be read, in Prometheus' own words. */
  metrics: readonly (Reading | { error: string })[];
  /** Age of the newest sample, in milliseconds. */
  ageMillis: number;
  /** A sample older than this, in milliseconds, says nothing of now: five scrapes, and 10 s at least. */
  staleMillis: number;
  /** False when part of those who count did not answer: such figures may raise, never lower. */
  complete: boolean;
  /** All activators answered; `complete` asks it of the function's own pods, too, where these are counted. */
  activators: boolean;
  /** False while Prometheus has not seen a whole stable window yet (it was away, or has lost its data): its means are then too low. */
  covered: boolean;
}

/** What the activators themselves tell of one function at this moment, between two scrapes. */
export interface Live {
  /** Requests held and running now. */
  held: number;
  running: number;
  /** Time-weighted mean of held + running over the last two seconds. */
  mean: number;
}
