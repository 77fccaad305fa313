/**
 * The `Function` resource, `lull.dev/v1alpha1`: the one source from which `crds/` (and so `kubectl explain`) is generated.
 * JSDoc becomes the schema: descriptions, bounds and defaults as tags, cross-field rules as `@cel`.
 */
import type { Code, CodeStatus, Layer } from './code.ts';
import type { ImageConfig } from './image.ts';
import type { Condition, EnvVar, ObjectMeta, Resources, StartupBoost } from './meta.ts';

/** A function: code and how it is to run. Applied once, it waits at zero pods until it is called. */
export interface LullFunction {
  apiVersion: 'lull.dev/v1alpha1';
  kind: 'Function';
  metadata: ObjectMeta;
  spec: FunctionSpec;
  status?: FunctionStatus;
}

/** What the function is and how it scales. */
export interface FunctionSpec {
  /**
   * Name of the Runtime (`kubectl get runtimes`) that runs the handler. Left out with spec.code.image, which brings what runs it.
   * @minLength 1
   * @maxLength 63
   * @pattern ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$
   */
  runtime?: string;
  /**
   * What to call, as AWS Lambda writes it: MODULE.FUNCTION, the module being a file of the code without its ending, with its folder (src/app.handler) if it is in one. With
   * spec.code.image it is what the image's command is to be instead of its own, if that. With other Runtimes than Python's and Node's it is what their language calls a
   * handler: PACKAGE.CLASS::METHOD for Java, any word for `provided`.
   * @minLength 3
   * @maxLength 128
   */
  handler?: string;
  code: Code;
  imageConfig?: ImageConfig;
  /**
   * Unpacked into /opt in this order, later ones over earlier ones, as AWS Lambda's layers: Python finds modules in python/, Node in nodejs/node_modules/, programs are
   * found in bin/, libraries in lib/. With the code they may be 250 MB.
   * @minItems 1
   * @maxItems 5
   */
  layers?: Layer[];
  /**
   * How the code is spoken to: `lambda` hands a handler AWS's events; `http` forwards requests to a server listening on spec.port.
   * @default "lambda"
   */
  protocol?: Protocol;
  /**
   * Port on which an `http` server listens; the container is given it as PORT. 8080 when left out.
   * @asType integer
   * @minimum 1
   * @maximum 65535
   */
  port?: number;
  /**
   * `kubernetes.io/h2c` for an `http` server that speaks HTTP/2 without TLS only. gRPC calls are forwarded by HTTP/2 anyway.
   */
  appProtocol?: 'kubernetes.io/h2c';
  /**
   * Environment variables, as in a container. Names that begin with LULL_ and those that AWS Lambda reserves are refused.
   * @maxItems 100
   */
  env?: EnvVar[];
  resources?: Resources;
  /**
   * More CPU while its pods start, so that they wake as fast on a busy node; the Runtime's when left out. Afterwards it is lowered in place, for which Kubernetes must be 1.33 or
   * later; before that it stays.
   */
  startupBoost?: StartupBoost;
  /**
   * How a handler's logs are written, as AWS's LoggingConfig.LogFormat: `Text`, or one `JSON` object a line. The handler sees it as AWS_LAMBDA_LOG_FORMAT, by
   * which AWS's own runtimes go.
   * @default "Text"
   */
  logFormat?: LogFormat;
  /**
   * What an HTTP request becomes for a handler, and what a handler must return: as of an HTTP API or a function URL (`apigateway-v2`, payload 2.0), of a REST
   * API (`apigateway-v1`, payload 1.0), or of an Application Load Balancer without or with several values for a header (`alb`, `alb-multi-value`).
   * @default "apigateway-v2"
   */
  httpEvent?: HttpEvent;
  cors?: Cors;
  /**
   * Seconds within which a request must be answered; then it is ended, and answered 504.
   * @asType integer
   * @minimum 1
   * @maximum 900
   * @default 30
   */
  timeoutSeconds?: number;
  /**
   * Requests at once in one pod: a hard limit. 1 when left out for `lambda`; 0, which means no limit, when left out for `http`.
   * @asType integer
   * @minimum 0
   * @maximum 1000
   */
  concurrency?: number;
  /**
   * A fixed number of pods, written by `kubectl scale fn` or a HorizontalPodAutoscaler. While it is set the autoscaler leaves the function alone;
   * remove it to hand the function back.
   * @asType integer
   * @minimum 0
   * @maximum 1000
   */
  replicas?: number;
  scale?: Scale;
  /**
   * Requests that are answered as written here, at once, and never wake the function: health checks, favicons, robots.txt.
   * @maxItems 20
   */
  answers?: FixedAnswer[];
  whileWaking?: WhileWaking;
  /**
   * Seconds that a pod gets to finish its requests when it ends; timeoutSeconds and 10 more when left out. Longer for WebSockets and streams.
   * @asType integer
   * @minimum 1
   * @maximum 3600
   */
  terminationGracePeriodSeconds?: number;
}

/** An answer that needs no function. */
export interface FixedAnswer {
  /**
   * The path, exactly, without a query.
   * @minLength 1
   * @maxLength 256
   * @pattern ^/[^?#]*$
   */
  path: string;
  /**
   * @asType integer
   * @minimum 200
   * @maximum 599
   * @default 200
   */
  status?: number;
  /**
   * @maxLength 128
   * @pattern ^[ -~]+$
   * @default "text/plain; charset=utf-8"
   */
  contentType?: string;
  /** @maxLength 16384 */
  body?: string;
}

/** What callers get while no pod answers yet, instead of waiting. Left out, they wait, and lose nothing. */
export interface WhileWaking {
  placeholder?: Placeholder;
  fallback?: Fallback;
}

/** A page for GET and HEAD requests; others wait. */
export interface Placeholder {
  /**
   * @asType integer
   * @minimum 200
   * @maximum 599
   * @default 503
   */
  status?: number;
  /**
   * @maxLength 128
   * @pattern ^[ -~]+$
   * @default "text/html; charset=utf-8"
   */
  contentType?: string;
  /** @maxLength 16384 */
  body: string;
}

/** A Service of the function's own namespace that answers until a pod does. */
export interface Fallback {
  /**
   * @minLength 1
   * @maxLength 63
   * @pattern ^[a-z]([-a-z0-9]*[a-z0-9])?$
   */
  service: string;
  /**
   * @asType integer
   * @minimum 1
   * @maximum 65535
   * @default 80
   */
  port?: number;
}

/** How a function is spoken to. */
export type Protocol = 'lambda' | 'http';

/** Which of AWS's front ends a handler was written for. */
export type HttpEvent = 'apigateway-v2' | 'apigateway-v1' | 'alb' | 'alb-multi-value';

/**
 * What browsers may do with a handler from pages of other origins, as the Cors of a function URL: preflights are answered without it, and these headers replace
 * its own. Left out, all of that is the handler's affair.
 */
export interface Cors {
  /**
   * Origins, such as https://www.example.com or http://localhost:60905, or * for all.
   * @maxItems 100
   */
  allowOrigins?: CorsOrigin[];
  /**
   * Methods, or * for all.
   * @maxItems 10
   */
  allowMethods?: CorsMethod[];
  /**
   * Headers that a request may have, or * for all.
   * @maxItems 100
   */
  allowHeaders?: CorsHeader[];
  /**
   * Headers of an answer that a page may read.
   * @maxItems 100
   */
  exposeHeaders?: CorsHeader[];
  /**
   * Seconds for which a browser may remember the answer to a preflight.
   * @asType integer
   * @minimum 0
   * @maximum 86400
   */
  maxAge?: number;
  /** Whether a page may send cookies and read the answer. */
  allowCredentials?: boolean;
}

/**
 * @maxLength 253
 * @pattern ^([*]|[a-zA-Z][a-zA-Z0-9+.-]*://[^/ ,]+)$
 */
export type CorsOrigin = string;

/**
 * @maxLength 16
 * @pattern ^([*]|[A-Z]+)$
 */
export type CorsMethod = string;

/**
 * @maxLength 1024
 * @pattern ^([*]|[!#$%&'*+.^_`|~0-9A-Za-z-]+)$
 */
export type CorsHeader = string;

/** How a handler's logs are written. */
export type LogFormat = 'Text' | 'JSON';

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

/** What the operator saw and did last. */
export interface FunctionStatus {
  /**
   * The generation of the spec that this status speaks of.
   * @asType integer
   */
  observedGeneration?: number;
  conditions?: Condition[];
  /** Of code and layers that are fetched, what was fetched. */
  code?: CodeStatus[];
  /** Where the function is called from outside. */
  url?: string;
  /**
   * Pods that exist now, ending ones not counted.
   * @asType integer
   */
  replicas?: number;
  /**
   * Pods that are Ready now.
   * @asType integer
   */
  readyReplicas?: number;
  /** Selects the pods of the function; for `kubectl scale` and HorizontalPodAutoscalers. */
  selector?: string;
  /** The revision that takes the requests: the name of its Deployment. */
  activeRevision?: string;
  /** The revision made from the newest spec: the name of its Deployment. */
  latestRevision?: string;
  scale?: ScaleStatus;
  /** Whether in-cluster callers reach the pods directly now; only with spec.scale.directAccess auto. */
  directAccess?: boolean;
  /** Why they do, or do not. */
  directAccessReason?: string;
  /** Only where there is a WarmPool for its Runtime. */
  warm?: WarmStatus;
}

/** Whether a pod of a warm pool can be the function's. */
export interface WarmStatus {
  eligible: boolean;
  /** Why, or why not and what would have to be different. */
  reason: string;
  /** The WarmPool in the function's namespace, when it is eligible. */
  pool?: string;
  /** Hash of the pod template that a free pod must have been made from. */
  template?: string;
  /** The revision that this was said of. */
  revision?: string;
}

/** The autoscaler's last decision, in words. */
export interface ScaleStatus {
  /**
   * Pods wanted.
   * @asType integer
   */
  desired: number;
  /**
   * Pods that the Deployment was told to have when this was decided.
   * @asType integer
   */
  actual?: number;
  /** What the decision stands on, such as "23.4 requests" or "12.0 requests/s"; "unknown" without an observation. */
  demand?: string;
  /** Over which time that is the mean: "60s", "6s", or "now" for what the activators tell themselves. */
  window?: string;
  /** Why, with the figures it stands on. */
  reason: string;
  /** When the wanted number was last changed (RFC 3339). */
  since: string;
}
