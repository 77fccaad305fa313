import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim, PodMessage } from '../../common/api/announcement.ts';
import { canStartAhead, READ_AT_START } from '../../common/api/prestart.ts';
import { adminServer } from './admin.ts';
import { Announcer } from './announcer.ts';
import { type Config, type Env, type GenericConfig, readConfig } from './config.ts';
import { HandlerProcess } from './handler-process.ts';
import { runLambda } from './lambda.ts';
import { createLog } from './log.ts';
import { withTmpDir } from './tmp-dir.ts';

/**
 * Mode generic: a pod of a WarmPool. Everything that does not depend on the function has happened (the bridge is up, the interpreter has booted and loaded Runtime.spec.preload); then it waits, with
 * nothing that ticks, until an activator claims it for one function, whose pod it is from there on (lambda.ts), and never anybody else's. The first claim counts, whoever it comes from.
 */
export function runGeneric(config: GenericConfig, env: Env): { drain: () => void } {
  const log = createLog(`pool/${config.pool}`);
  let claimed: { drain: () => void } | undefined;
  let taken = false;
  const canWait = canStartAhead(config.command);
  let preloaded = !canWait;
  let isReady = (): boolean => preloaded;
  let metrics = (): string => '';
  const crashed = (what: string): void => {
    log('lull', `${what} before any function came: the pod ends`, 'ERROR');
    process.exit(1);
  };
  if (canWait) withLibraries(config, mkdirSync);
  const handler = canWait
    ? new HandlerProcess({
        command: config.command,
        cwd: '/',
        // Node's client reads the address when it is loaded, and takes the process with it when there is none.
        env: { ...config.handlerEnv, AWS_LAMBDA_RUNTIME_API: config.runtimeApi, LULL_PRELOAD: config.preload || '[]' },
        waitsForCode: true,
        onPreloaded: () => {
          preloaded = true;
          // Not before: one that is claimed while it loads would keep its caller waiting for all of that.
          announcer.start();
        },
        onLine: (line) => log('init', line),
        onExit: (code, signal, error) => crashed(`the handler's process ended (${error?.message ?? signal ?? `exit code ${code}`})`),
      })
    : undefined;

  const claim = (message: Claim, say: (answer: PodMessage) => void): void => {
    if (taken) {
      say({ type: 'refused', claim: message.id, status: 409, code: 'AlreadyClaimed', message: `pod ${config.pod} has been claimed` });
      return;
    }
    // From here on it is nobody else's, whatever happens.
    taken = true;
    try {
      const given = claimedConfig(config, env, message);
      const ownLog = createLog(given.function, given.logFormat);
      const own = withTmpDir(given, ownLog);
      withLibraries(config, rmdirSync);
      claimed = runLambda(own, ownLog, {
        claim: message,
        process: handler && adoptable(handler, config, own),
        announcer,
        admin: (ready, render) => {
          isReady = ready;
          metrics = render;
        },
      });
    } catch (error) {
      const why = (error as Error).message;
      say({ type: 'refused', claim: message.id, status: 400, code: 'BadClaim', message: why });
      log('lull', `a claim for ${message.function} that cannot be met: ${why}`, 'ERROR');
      // So that it is still said.
      setTimeout(() => process.exit(1), 100);
    }
  };
  const announcer: Announcer = new Announcer({
    activator: config.activator,
    token: config.token,
    log,
    hello: () => ({
      type: 'free',
      namespace: config.namespace,
      pool: config.pool,
      template: config.template,
      pod: config.pod,
      ip: config.podIp,
      port: config.port,
      uptimeMillis: Math.round(performance.now()),
    }),
    onMessage: (message, say) => {
      if (message.type === 'claim') claim(message, say);
      else if (message.type === 'retire') drain();
    },
  });
  const drain = (): void => {
    if (claimed) claimed.drain();
    else process.exit(0);
  };
  adminServer(
    () => isReady(),
    () => metrics(),
  ).listen(config.adminPort);
  if (!canWait) announcer.start();
  return { drain };
}

/** As of a pod of the function's own, but for what is the pod's: the claim says all of LULL_ that is the function's, and the container has no variable of its own but Lull's and the image's. */
function claimedConfig(config: GenericConfig, env: Env, { env: given, function: name, revision }: Claim): Config {
  const image = Object.fromEntries(Object.entries(env).filter(([variable]) => !variable.startsWith('LULL_')));
  const ofPod = {
    LULL_POD: config.pod,
    LULL_POD_IP: config.podIp,
    LULL_POOL: config.pool,
    LULL_PORT: String(config.port),
    LULL_ADMIN_PORT: String(config.adminPort),
  };
  const own = readConfig({ ...image, ...given, ...ofPod });
  const isOurs = own.namespace === config.namespace && own.function === name && own.revision === revision && own.mode === 'lambda';
  if (!isOurs)
    throw new Error(`the environment is that of ${own.namespace}/${own.function} ${own.revision}, and the claim for ${name} ${revision}`);
  return own;
}

/** The process that was started ahead, if it can be this function's; else it ends, and one is started as in any pod. */
function adoptable(handler: HandlerProcess, { command, handlerEnv }: GenericConfig, own: Config): HandlerProcess | undefined {
  const differs = (name: string): boolean => READ_AT_START.test(name) && handlerEnv[name] !== own.handlerEnv[name];
  const names = [...Object.keys(handlerEnv), ...Object.keys(own.handlerEnv)];
  if (JSON.stringify(command) === JSON.stringify(own.command) && !names.some(differs)) return handler;
  handler.adopt({ env: {}, onLine: () => undefined, onExit: () => undefined });
  handler.kill('SIGKILL');
  return undefined;
}

/**
 * The folder of shared libraries in the code, which LD_LIBRARY_PATH names, must be there when the interpreter boots: where the dynamic linker has found none it never looks again (lambda.ts does the same). It
 * goes before the code comes: a handler is to see what it brings, and nothing else.
 */
function withLibraries({ handlerEnv }: GenericConfig, change: (folder: string) => void): void {
  try {
    change(join(handlerEnv['LAMBDA_TASK_ROOT'] ?? '', 'lib'));
  } catch {
    // It is there, or gone, already; or the image's root may not be written to, and then no code comes there.
  }
}
