/**
 * The `Function` resource, `lull.dev/v1alpha1`: the one source from which `crds/` (and so `kubectl explain`) is generated.
 * JSDoc becomes the schema: descriptions, bounds and defaults as tags, cross-field rules as `@cel`.
 */
import type { Code, Layer } from './code.ts';
import type { Scale } from './function-scale.ts';
import type { FunctionStatus } from './function-status.ts';
import type { ImageConfig } from './image.ts';
import type { EnvVar, ObjectMeta, Resources, StartupBoost } from './meta.ts';

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
   * @minLength 1
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
