/** How many pods, and when. */
export interface Scale {
  /**
   * Never fewer pods than this. 0 lets the function cost nothing while nobody calls it.
   * @asType integer
   * @minimum 0
   * @maximum 1000
   * @default 0
   */
  min?: number;
  /**
   * Never more pods than this.
   * @asType integer
   * @minimum 1
   * @maximum 1000
   * @default 100
   */
  max?: number;
  /**
   * Pods started by the first request at zero.
   * @asType integer
   * @minimum 1
   * @maximum 1000
   * @default 1
   */
  initial?: number;
  /**
   * Requests at once that one pod is meant to carry; the autoscaler keeps demand (held + running) divided by pods near it.
   * spec.concurrency when left out, or 100 when that is 0. Short for one entry of type concurrency in spec.scale.metrics.
   * @asType integer
   * @minimum 1
   * @maximum 1000
   */
  target?: number;
  /**
   * What is followed, when it is not concurrency alone; the entry that asks for most pods wins.
   * @minItems 1
   * @maxItems 5
   */
  metrics?: ScaleMetric[];
  /**
   * After this many seconds at zero demand: to spec.scale.min.
   * @asType integer
   * @minimum 2
   * @maximum 86400
   * @default 60
   */
  idleSeconds?: number;
  /**
   * `auto` learns from the gaps between this function's own calls when to go to zero, and when to be back before the next call; spec.scale.idleSeconds then
   * holds only until enough gaps were seen. `fixed` goes by spec.scale.idleSeconds.
   * @default "fixed"
   */
  idle?: IdlePolicy;
  /**
   * Seconds over which demand is averaged while it is steady; 60 when left out, or longer if Prometheus scrapes too seldom for that.
   * @asType integer
   * @minimum 6
   * @maximum 3600
   */
  stableWindowSeconds?: number;
  /**
   * Seconds over which demand is averaged to follow its growth: at twice what the pods are meant to carry nothing is scaled down for a stable window. 6 when left
   * out, or longer if Prometheus scrapes too seldom for that.
   * @asType integer
   * @minimum 2
   * @maximum 600
   */
  panicWindowSeconds?: number;
  /**
   * The number of pods is lowered only to the most that was wanted within this many seconds. Going to zero is spec.scale.idleSeconds' affair.
   * @asType integer
   * @minimum 0
   * @maximum 3600
   * @default 30
   */
  scaleDownDelaySeconds?: number;
  /**
   * At most this many times the pods that are Ready are asked for at once (Knative's max-scale-up-rate).
   * @asType integer
   * @minimum 2
   * @maximum 1000
   * @default 1000
   */
  maxScaleUpRate?: number;
  /**
   * At most this many times fewer pods at once (Knative's max-scale-down-rate): 2 halves them at each decision, every 2 s. To zero goes at once.
   * @asType integer
   * @minimum 2
   * @maximum 1000
   * @default 2
   */
  maxScaleDownRate?: number;
  /**
   * Requests beyond the present demand that there is to be room for while there is any, so that a burst finds pods that are up.
   * @asType integer
   * @minimum 0
   * @maximum 10000
   * @default 0
   */
  burstCapacity?: number;
  /**
   * Floors by the clock, for known peaks: from the time of an entry on, its `min` holds until the time of another. spec.scale.min holds besides.
   * @minItems 1
   * @maxItems 20
   */
  schedule?: ScheduledFloor[];
  /** True: the autoscaler leaves the number of pods as it is, whatever the demand. At zero, requests still wake the function. */
  paused?: boolean;
  /**
   * `auto`: in-cluster callers of this function's Service reach its pods directly while those have room to spare, and the activators otherwise. `never`: always
   * by the activators.
   * @default "never"
   */
  directAccess?: DirectAccess;
  /**
   * Whether its first request may be answered by a pod of a WarmPool. What its own pods got from Secrets and ConfigMaps the activators then keep in memory. `never`: it waits for
   * a pod of its own.
   * @default "auto"
   */
  warmPool?: WarmPoolUse;
}

/** Whether a warm pool may be used. */
export type WarmPoolUse = 'auto' | 'never';

/** How the time from the last request to zero is chosen. */
export type IdlePolicy = 'fixed' | 'auto';

/** Whether in-cluster callers may reach pods directly. */
export type DirectAccess = 'auto' | 'never';

/** One figure that the number of pods follows: ceil(value / target). */
export interface ScaleMetric {
  /**
   * `concurrency`: requests held and running; `rps`: requests a second; `prometheus`: the value of spec.scale.metrics[].query.
   */
  type: MetricType;
  /**
   * How much of it one pod is meant to carry. For `concurrency`, spec.concurrency when left out, or 100 when that is 0.
   * @asType integer
   * @minimum 1
   * @maximum 1000000
   */
  target?: number;
  /**
   * PromQL that gives one number, for all pods together; {{namespace}} and {{name}} stand for the function's.
   * @minLength 1
   * @maxLength 2000
   */
  query?: string;
}

/** What a ScaleMetric reads. */
export type MetricType = 'concurrency' | 'rps' | 'prometheus';

/** A floor from a time of the clock on. */
export interface ScheduledFloor {
  /**
   * When it begins, as crontab(5) writes it: minute, hour, day of the month, month, day of the week.
   * @minLength 9
   * @maxLength 100
   * @pattern ^\S+( +\S+){4}$
   */
  cron: string;
  /**
   * IANA name of the time zone that the clock goes by.
   * @maxLength 64
   * @pattern ^[A-Za-z]+([/_+-][A-Za-z0-9_+-]+)*$
   * @default "UTC"
   */
  timeZone?: string;
  /**
   * Never fewer pods than this, until the time of another entry.
   * @asType integer
   * @minimum 0
   * @maximum 1000
   */
  min: number;
}
