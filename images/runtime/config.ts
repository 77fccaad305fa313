import type { Cors } from './cors.ts';
import { handlerEnv } from './handler-env.ts';
import { type HttpEvent, isHttpEvent } from './http-events.ts';
import type { LogFormat } from './log.ts';
import type { PlatformFacts } from './platform-log.ts';

/** What is downloaded from the store and unpacked when the pod starts. */
export interface Bundle {
  /** SHA-256 of the bytes as they lie in the store, hex. */
  digest: string;
  /** The store's bearer token for it. */
  token: string;
  target: string;
}

/** What the operator set on the container (operator/function/pod.ts); the only file here that reads process.env. */
export interface Config {
  mode: 'lambda' | 'announce';
  namespace: string;
  function: string;
  /** What AWS's side of things calls it: the name that the handler is told. */
  lambdaName: string;
  revision: string;
  pod: string;
  podIp: string;
  /** The WarmPool that the pod was claimed from; empty for a pod of the function's own. */
  pool: string;
  /** HOST:PORT of the activators' control port. */
  activator: string;
  token: string;
  /** Digest of the code to ask for; empty when the image has it. */
  codeDigest: string;
  /** In the order in which they are unpacked. */
  bundles: readonly Bundle[];
  /** HOST:PORT of the store; empty when there are no bundles. */
  store: string;
  /** lambda: the port to serve. announce: the port of the user's own server. */
  port: number;
  adminPort: number;
  /** Port for callers that leave the activators out; 0 for none. */
  directPort: number;
  /** HOST:PORT of the activators' request port, where direct requests go for which there is no room. */
  activatorHttp: string;
  /** Networks whose X-Forwarded-* are believed, as the activators have them. */
  trustedProxies: readonly string[];
  /** Where handler processes find the Runtime API: this loopback port for the first, the next for the second, and so on; 0 takes any (tests). */
  runtimeApiPort: number;
  concurrency: number;
  timeoutMillis: number;
  drainMillis: number;
  /** Command of a handler process. */
  command: readonly string[];
  logFormat: LogFormat;
  /** What an HTTP request becomes for a handler. */
  httpEvent: HttpEvent;
  cors: Cors | undefined;
  /** For the lines that AWS Lambda itself would write. */
  facts: PlatformFacts;
  taskRoot: string;
  /** Where extensions are: its executables are started with the handler. */
  extensionsDir: string;
  /** Where handler processes start. */
  cwd: string;
  /** Environment of handler processes, but for AWS_LAMBDA_RUNTIME_API, which differs between them. */
  handlerEnv: Readonly<Record<string, string>>;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads and checks the environment. Throws one sentence that names every variable that is wrong. `cwd`: where the bridge itself was started. */
export function readConfig(env: Env = process.env, cwd = process.cwd()): Config {
  const wrong: string[] = [];
  const text = required(env, wrong);
  const number = (name: string, fallback: number, min: number): number => {
    const value = env[name] ? Number(env[name]) : fallback;
    if (!(value >= min)) wrong.push(`${name} must be a number, ${min} or more, and is "${env[name]}"`);
    return value;
  };
  const mode = env['LULL_MODE'] === 'announce' ? 'announce' : 'lambda';
  const httpEvent = env['LULL_HTTP_EVENT'] || 'apigateway-v2';
  if (!isHttpEvent(httpEvent)) wrong.push(`LULL_HTTP_EVENT is "${httpEvent}", which is no kind of event`);
  // Of the function's own image, which Lull did not build: it brings its code, its working directory and what starts a handler process.
  const ownImage = env['LULL_IMAGE'] === '1';
  const taskRoot = env['LULL_TASK_ROOT'] ?? '/var/task';
  const config: Config = {
    mode,
    namespace: text('LULL_NAMESPACE'),
    function: text('LULL_FUNCTION'),
    lambdaName: env['LULL_LAMBDA_NAME'] || (env['LULL_FUNCTION'] ?? ''),
    revision: text('LULL_REVISION'),
    pod: text('LULL_POD'),
    podIp: text('LULL_POD_IP'),
    pool: env['LULL_POOL'] ?? '',
    activator: text('LULL_ACTIVATOR'),
    token: text('LULL_TOKEN'),
    codeDigest: env['LULL_CODE_DIGEST'] ?? '',
    bundles: parseBundles(env['LULL_BUNDLES'], wrong),
    store: env['LULL_STORE'] ?? '',
    port: number('LULL_PORT', 8080, 0),
    adminPort: number('LULL_ADMIN_PORT', 19090, 0),
    directPort: mode === 'lambda' ? number('LULL_DIRECT_PORT', 0, 0) : 0,
    activatorHttp: env['LULL_ACTIVATOR_HTTP'] ?? '',
    trustedProxies: (env['LULL_TRUSTED_PROXIES'] ?? '').split(',').filter(Boolean),
    runtimeApiPort: number('LULL_RUNTIME_API_PORT', 9001, 0),
    // 0 means "no limit" in a Function; a lambda pod needs a number of processes, and one is AWS's.
    concurrency: number('LULL_CONCURRENCY', 1, 0) || 1,
    timeoutMillis: number('LULL_TIMEOUT_SECONDS', 30, 0.001) * 1000,
    drainMillis: number('LULL_DRAIN_SECONDS', 38, 0) * 1000,
    command: mode === 'lambda' ? parseCommand(env['LULL_COMMAND'], wrong) : [],
    extensionsDir: env['LULL_EXTENSIONS_DIR'] ?? '/opt/extensions',
    taskRoot,
    cwd: ownImage ? cwd : taskRoot,
    logFormat: env['LULL_LOG_FORMAT'] === 'JSON' ? 'JSON' : 'Text',
    httpEvent: isHttpEvent(httpEvent) ? httpEvent : 'apigateway-v2',
    cors: parseCors(env['LULL_CORS'], wrong),
    facts: { format: 'Text', function: '', region: '', memoryMb: 0, executionEnv: '' },
    handlerEnv: {},
  };
  if (mode === 'lambda' && !ownImage) text('LULL_HANDLER');
  if (config.bundles.length > 0) text('LULL_STORE');
  if (config.directPort > 0) text('LULL_ACTIVATOR_HTTP');
  if (wrong.length > 0) throw new Error(`Lull's bridge cannot start: ${wrong.join('; ')}.`);
  const { AWS_EXECUTION_ENV, ...others } = handlerEnv(env, { ...config, ownImage });
  // AWS's provided runtimes are not told which they are.
  config.handlerEnv = config.command[0] === 'bootstrap' ? others : { ...others, ...(AWS_EXECUTION_ENV && { AWS_EXECUTION_ENV }) };
  config.facts = platformFacts(config, AWS_EXECUTION_ENV ?? '');
  return Object.freeze(config);
}

function platformFacts({ logFormat, handlerEnv, ...config }: Config, executionEnv: string): PlatformFacts {
  return {
    format: logFormat,
    function: config.lambdaName,
    region: handlerEnv['AWS_REGION'] ?? '',
    memoryMb: Number(handlerEnv['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']),
    executionEnv,
  };
}

/** A pod of a WarmPool, before it knows its function (generic.ts). */
export interface GenericConfig {
  namespace: string;
  pool: string;
  template: string;
  pod: string;
  podIp: string;
  activator: string;
  token: string;
  port: number;
  adminPort: number;
  command: readonly string[];
  /** HOST:PORT where its first handler process will find the Runtime API. */
  runtimeApi: string;
  /** JSON: modules that the launcher loads ahead. Empty for none. */
  preload: string;
  /** Environment of a handler process that knows no function yet. */
  handlerEnv: Readonly<Record<string, string>>;
}

/** The environment of this process; undefined mode is told by what is missing then. */
export function processEnv(): Env {
  return process.env;
}

/** Reads what must be set; what is not is noted in `wrong`. */
function required(env: Env, wrong: string[]): (name: string) => string {
  return (name) => {
    const value = env[name];
    if (!value) wrong.push(`${name} must be set`);
    return value ?? '';
  };
}

/** As readConfig, for LULL_MODE=generic. */
export function readGenericConfig(env: Env): GenericConfig {
  const wrong: string[] = [];
  const text = required(env, wrong);
  const config: GenericConfig = {
    namespace: text('LULL_NAMESPACE'),
    pool: text('LULL_POOL'),
    template: text('LULL_TEMPLATE'),
    pod: text('LULL_POD'),
    podIp: text('LULL_POD_IP'),
    activator: text('LULL_ACTIVATOR'),
    token: text('LULL_TOKEN'),
    port: Number(env['LULL_PORT'] ?? 8080),
    adminPort: Number(env['LULL_ADMIN_PORT'] ?? 19090),
    command: parseCommand(env['LULL_COMMAND'], wrong),
    runtimeApi: `127.0.0.1:${env['LULL_RUNTIME_API_PORT'] ?? 9001}`,
    preload: env['LULL_PRELOAD'] ?? '',
    handlerEnv: handlerEnv(env, {
      taskRoot: env['LULL_TASK_ROOT'] ?? '/var/task',
      lambdaName: '',
      pod: '',
      logFormat: 'Text',
      ownImage: false,
    }),
  };
  if (wrong.length > 0) throw new Error(`Lull's bridge cannot start: ${wrong.join('; ')}.`);
  return config;
}

/** As the operator wrote it: the API server has checked it. */
function parseCors(value: string | undefined, wrong: string[]): Cors | undefined {
  if (!value) return undefined;
  try {
    return JSON.parse(value) as Cors;
  } catch {
    wrong.push('LULL_CORS must be JSON');
    return undefined;
  }
}

/** As the operator wrote it. */
function parseBundles(value: string | undefined, wrong: string[]): Bundle[] {
  if (!value) return [];
  try {
    return JSON.parse(value) as Bundle[];
  } catch {
    wrong.push('LULL_BUNDLES must be JSON');
    return [];
  }
}

function parseCommand(value: string | undefined, wrong: string[]): string[] {
  try {
    const command: unknown = JSON.parse(value ?? '');
    if (Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === 'string')) return command;
  } catch {
    // Told below.
  }
  wrong.push('LULL_COMMAND must be a JSON list of words');
  return [];
}
