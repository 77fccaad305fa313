/** The `Runtime` resource, `lull.dev/v1alpha1`: a language, added to a cluster with `kubectl apply`. */
import type { ObjectMeta, Resources, StartupBoost } from './meta.ts';

/** A language's runtime: the image in which handlers run and the command that starts one. */
export interface LullRuntime {
  apiVersion: 'lull.dev/v1alpha1';
  kind: 'Runtime';
  metadata: ObjectMeta;
  spec: RuntimeSpec;
}

/** What runs a handler. */
export interface RuntimeSpec {
  /**
   * The image. Its entry point must be Lull's bridge (build it FROM or COPY --from the image lull/runtime).
   * @minLength 1
   * @maxLength 512
   */
  image: string;
  /**
   * The command, given to the bridge, that starts one handler process: a client of the AWS Lambda Runtime API, which finds the handler in _HANDLER
   * and the code in LAMBDA_TASK_ROOT.
   * @minItems 1
   * @maxItems 32
   */
  command: Argument[];
  resources?: Resources;
  /** For its functions that do not say themselves. */
  startupBoost?: StartupBoost;
  build?: RuntimeBuild;
  /**
   * Modules that a pod of a warm pool loads before it knows its function, such as boto3: those that most handlers would load first. One that cannot be loaded is left to the
   * handler.
   * @maxItems 50
   */
  preload?: ModuleName[];
  /**
   * Warm pods, for each namespace that has functions of this Runtime which can use them: a WarmPool of this size is made there. 0, or left out: none. A namespace that has a
   * WarmPool of its own for this Runtime keeps that.
   * @asType integer
   * @minimum 0
   * @maximum 100
   */
  warm?: number;
}

/**
 * A module as the language imports it.
 * @minLength 1
 * @maxLength 200
 * @pattern ^[A-Za-z0-9@_][A-Za-z0-9@_./:-]*$
 */
export type ModuleName = string;

/** How what a requirements.txt, a package.json or the like names is installed, once, when code is fetched. Left out, code is taken as it is. */
export interface RuntimeBuild {
  /**
   * The image; it must run as any user other than root, and write to /work only.
   * @minLength 1
   * @maxLength 512
   */
  image: string;
  /**
   * The command, run in /work/code, where the code is. It decides itself whether there is anything to install, and leaves the result there. What it prints last is shown
   * in the function's status when it ends with another code than 0.
   * @minItems 1
   * @maxItems 32
   */
  command: Argument[];
}

/**
 * One word of a command.
 * @maxLength 4096
 */
export type Argument = string;
