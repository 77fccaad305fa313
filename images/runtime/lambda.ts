import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim, CodeMessage } from '../../common/api/announcement.ts';
import { adminServer } from './admin.ts';
import { Announcer, type AnnouncerOptions } from './announcer.ts';
import { writeCode } from './code.ts';
import { type Config, processEnv } from './config.ts';
import { DirectServer } from './direct.ts';
import { Gate } from './gate.ts';
import { HandlerPool } from './handler-pool.ts';
import type { HandlerProcess } from './handler-process.ts';
import { hello } from './hello.ts';
import { HTTP_EVENTS } from './http-events.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { PlatformLog } from './platform-log.ts';
import { RequestServer } from './requests.ts';

/** A drain accepts what raced with it until this long after the last request. */
const QUIET_MILLIS = 1000;
/** Where callers come directly, nobody but the nodes' kube-proxies can be told: they take up to 2 s (their minSyncPeriod is 1 s). */
const DIRECT_QUIET_MILLIS = 3000;

/** What a pod of a warm pool has when a function claims it. */
export interface Prepared {
  claim: Claim;
  /** Undefined when the claim's environment asks for a process that is started with it. */
  process: HandlerProcess | undefined;
  announcer: Announcer;
  /** The port for probes and metrics is open already: what it answers from now on. */
  admin: (isReady: () => boolean, metrics: () => string) => void;
}

/** Mode lambda: handler processes, the Runtime API, the pod's port and the announcement, in the order in which a cold start wants them. */
export function runLambda(config: Config, log: Log, prepared?: Prepared): { drain: () => void } {
  const metrics = new Metrics();
  let prestarted = prepared?.process;
  const takePrestarted = (): HandlerProcess | undefined => {
    const taken = prestarted;
    prestarted = undefined;
    return taken;
  };
  const pool = new HandlerPool({ config, log, platform: new PlatformLog(config.facts), takePrestarted }, metrics);
  let needsCode = config.codeDigest !== '';
  let needsBundles = config.bundles.length > 0;
  let draining = false;
  let lastRequest = 0;
  // First, so that the handler's interpreter boots while everything else happens.
  pool.start();
  if (needsBundles) {
    void unpackLazily(config, log).then(() => {
      needsBundles = false;
      if (!needsCode) pool.codeReady();
    });
  }
  const takeCode = ({ files, digest }: Pick<CodeMessage, 'files' | 'digest'>): void => {
    if (!needsCode) return;
    try {
      writeCode(files, digest, config.taskRoot);
      needsCode = false;
      if (!needsBundles) pool.codeReady();
    } catch (error) {
      log('lull', `the code that was handed over cannot be used: ${(error as Error).message}`);
    }
  };
  if (prepared?.claim.code) takeCode(prepared.claim.code);
  const announcing: AnnouncerOptions = {
    activator: config.activator,
    token: config.token,
    log,
    hello: () => hello(config, needsCode),
    onMessage: (message, say) => {
      if (message.type === 'code') takeCode(message);
      else if (message.type === 'retire') drain();
      else if (message.type === 'tell') say({ type: 'environment', values: told(message.names, processEnv()) });
      else say({ type: 'refused', claim: message.id, status: 409, code: 'AlreadyClaimed', message: `this pod is ${config.function}` });
    },
    load: () => direct?.metrics.demand ?? 0,
  };
  const announcer = prepared?.announcer ?? new Announcer(announcing);
  const onRequest = (): void => {
    lastRequest = performance.now();
  };
  const isDraining = (): boolean => draining;
  const gate = config.directPort > 0 ? new Gate(config.concurrency) : undefined;
  const exchange = { config, translation: HTTP_EVENTS[config.httpEvent], cors: config.cors, pool, log, metrics, isDraining, onRequest };
  const server = new RequestServer({ ...exchange, gate });
  let direct: DirectServer | undefined;
  server.listen(config.port, () => {
    if (prepared) announcer.become(announcing, { ...hello(config, needsCode), claim: prepared.claim.id, token: config.token });
    else announcer.start();
    // After the announcement, which a cold start waits for; nobody comes here before the pod is Ready.
    if (gate) setImmediate(() => listenDirectly(gate));
  });
  const listenDirectly = (slots: Gate): void => {
    direct = new DirectServer({ ...exchange, gate: slots, onLoad: () => announcer.loadChanged() });
    metrics.direct = direct.metrics;
    direct.listen(config.directPort);
  };
  const isReady = (): boolean => pool.ready && !draining && (!gate || direct !== undefined);
  const render = (): string => metrics.render();
  if (prepared) prepared.admin(isReady, render);
  else adminServer(isReady, render).listen(config.adminPort);

  /** Readiness off, activators told, what runs is finished; then the handlers end, and so does the pod. */
  const drain = (): void => {
    if (draining) return;
    draining = true;
    const begun = performance.now();
    const quietMillis = gate ? DIRECT_QUIET_MILLIS : QUIET_MILLIS;
    lastRequest = begun;
    announcer.drain();
    const look = setInterval(() => {
      const now = performance.now();
      const idle = pool.running === 0 && metrics.running === 0 && (direct?.quiet ?? true);
      const quiet = idle && now - lastRequest >= quietMillis;
      if (!quiet && now - begun < config.drainMillis) return;
      clearInterval(look);
      announcer.stop();
      server.close();
      pool.stop(() => process.exit(0));
    }, 20);
  };
  return { drain };
}

/** Values of the container's own variables, of those that are asked for; Lull's own are nobody's business. */
function told(names: readonly string[], env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined && (!name.startsWith('LULL_') || name.startsWith('LULL_ENV_'))) values[name] = value;
  }
  return values;
}

/** Loaded only here, so that zlib and the rest of it cost nothing to a function without bundles. */
async function unpackLazily({ bundles, store, taskRoot }: Config, log: Log): Promise<void> {
  // LD_LIBRARY_PATH names it, and where the dynamic linker has found no folder once it never looks again: it must be there before the interpreter boots.
  const libraries = join(taskRoot, 'lib');
  const hasCode = bundles.some(({ target }) => target === taskRoot);
  if (hasCode) mkdirSync(libraries, { recursive: true });
  const { unpackBundles } = await import('./bundles.ts');
  await unpackBundles({
    bundles,
    store,
    log,
    onSpoilt: (message) => {
      log('lull', `${message}: the container starts anew`, 'ERROR');
      process.exit(1);
    },
  });
  if (hasCode && readdirSync(libraries).length === 0) rmdirSync(libraries);
}
