/** The operator: reconciles Functions and runs the autoscaler. This file only wires; a reconcile begins in function/controller.ts. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { adminServer } from '../common/admin-server.ts';
import { keyOf } from '../common/kube/store.ts';
import { createLogger } from '../common/log.ts';
import { type Autoscaling, autoscaling } from './autoscaler/autoscaling.ts';
import { Caches } from './caches.ts';
import { CodeKeeper } from './code/code-keeper.ts';
import { CodeMetrics } from './code/metrics.ts';
import { StoreClient } from './code/store-client.ts';
import { readConfig } from './config.ts';
import { DirectAccess } from './direct/direct-access.ts';
import { DirectAccessMetrics } from './direct/metrics.ts';
import { FunctionController } from './function/controller.ts';
import { clientTransport } from './kube/client.ts';
import { Controller, ControllerMetrics } from './kube/controller.ts';
import { EventRecorder } from './kube/events.ts';
import { LeaderElector } from './kube/leader.ts';
import { WarmPoolMetrics } from './warm/metrics.ts';
import { WarmPools } from './warm/warm-pools.ts';
import { Writer } from './writer.ts';

/** Everything is applied anew this often, whatever watching says. */
const RESYNC_MILLIS = 600_000;
/** So soon it is noticed that the store has lost something. */
const STORE_LOOK_MILLIS = 10_000;
const POOLS_MILLIS = 1000;
const COLLECT_MILLIS = 3_600_000;

const config = readConfig();
const log = createLogger('operator', config.logLevel);
const registry = new Registry();
collectDefaultMetrics({ register: registry });
const leading = new Gauge({
  name: 'leader_election_master_status',
  help: '1 while this process leads.',
  labelNames: ['name'],
  registers: [registry],
});
const watchFailures = new Counter({
  name: 'lull_operator_watch_failures_total',
  help: 'Lists and watches that failed and were tried again.',
  registers: [registry],
});
const missedEvents = new Counter({
  name: 'lull_operator_watch_missed_total',
  help: 'Changes that only a periodic list showed.',
  registers: [registry],
});

const transport = clientTransport();
const events = new EventRecorder({
  transport,
  controller: 'lull.dev/operator',
  instance: config.pod,
  now: () => new Date(),
  onError: (err) => log.debug({ err }, 'event not recorded'),
});
const writer = new Writer(transport, events);
const caches: Caches = new Caches({
  transport,
  observer: {
    failed: (err) => {
      watchFailures.inc();
      log.warn({ err }, 'watch failed, tried again');
    },
    listed: (_objects, missed) => missedEvents.inc(missed),
  },
  namespace: config.namespace,
  controlService: config.activatorControlService,
  onFunction: (key) => {
    controller.queue.add(key);
    direct.changed(key);
    warmFunctions.queue.add(key);
  },
  onOwned: (key) => {
    functions.forget(key);
    controller.queue.add(key);
  },
  onScaled: (key) => scaling.scaled(key),
  onSlice: (key) => direct.changed(key),
  onActivators: () => {
    scaling.activatorsChanged();
    direct.activatorsChanged();
  },
  onPool: (key) => warmPools.queue.add(key),
  onPoolOwned: (key) => {
    warm.forgetApplied(key);
    warmPools.queue.add(key);
  },
});
const codeMetrics = new CodeMetrics(registry);
const code: CodeKeeper = new CodeKeeper({
  read: caches,
  write: writer,
  store: new StoreClient({ address: config.code.store, key: config.announceKey }),
  settings: config,
  again: (key, afterMillis) => controller.queue.addAfter(key, afterMillis),
  metrics: codeMetrics,
  onError: (what, err) => log.warn({ err }, what),
  now: () => Date.now(),
});
const functions: FunctionController = new FunctionController({
  read: caches,
  write: writer,
  settings: config,
  prepareService: (fn) => direct.prepare(fn),
  prepareCode: (fn, runtime) => code.ensure(fn, runtime),
  now: () => new Date(),
});
const controllerMetrics = new ControllerMetrics(registry);
const controller = controllerOf('function', (key) => functions.reconcile(key), 'reconcile failed');
const warm: WarmPools = new WarmPools({
  read: caches,
  write: writer,
  settings: config,
  poolAgain: (key, afterMillis) => warmPools.queue.addAfter(key, afterMillis),
  metrics: new WarmPoolMetrics(registry),
  now: () => Date.now(),
});
const warmPools = controllerOf('warm-pool', (key) => warm.reconcilePool(key), 'warm pool failed', 2);
const warmFunctions = controllerOf('warm-function', (key) => warm.reconcileFunction(key), 'use of a warm pool not decided', 2);
const direct: DirectAccess = new DirectAccess({
  read: caches,
  write: writer,
  again: (key, afterMillis) => directController.queue.addAfter(key, afterMillis),
  metrics: new DirectAccessMetrics(registry),
  now: () => performance.now(),
});
const directController = controllerOf('direct-access', (key) => direct.reconcile(key), 'direct access failed', 4);
const scaling: Autoscaling = autoscaling({
  direct,
  onDemand: (activator, message) => (message ? warm.told(activator, message) : warm.forget(activator)),
  prometheus: config.prometheus,
  announceKey: config.announceKey,
  namespace: config.namespace,
  caches,
  writer,
  transport,
  registry,
  log,
});
const elector = new LeaderElector({
  transport: clientTransport(),
  namespace: config.namespace,
  name: 'lull-operator',
  identity: `${config.pod}_${process.pid}_${Date.now().toString(36)}`,
  onLeading: () => void lead(),
  onLost: (reason) => {
    log.error({ reason }, 'leadership lost, exiting');
    process.exit(1);
  },
  onError: (err) => log.warn({ err }, 'leader election'),
});

/** A queue of keys whose failures are logged and tried again. */
function controllerOf(name: string, reconcile: (key: string) => Promise<void>, failed: string, workers?: number): Controller {
  return new Controller({
    name,
    reconcile,
    onError: (key, err) => log.warn({ err, [name === 'warm-pool' ? 'pool' : 'function']: key }, `${failed}, tried again`),
    metrics: controllerMetrics,
    ...(workers !== undefined && { workers }),
  });
}

async function lead(): Promise<void> {
  leading.set({ name: 'lull-operator' }, 1);
  log.info('leading');
  await synced;
  controller.start();
  directController.start();
  warmPools.start();
  warmFunctions.start();
  setInterval(() => void lookAtPools(), POOLS_MILLIS);
  setInterval(() => {
    for (const key of caches.functionKeys()) {
      functions.forget(key);
      controller.queue.add(key);
      direct.changed(key);
    }
    for (const pool of caches.warmPools()) warm.forgetApplied(keyOf(pool));
  }, RESYNC_MILLIS);
  void code.look();
  setInterval(() => void code.look(), STORE_LOOK_MILLIS);
  setInterval(() => void collect(), COLLECT_MILLIS);
  await scaling.run();
}

/** Schedules, costs and sizes change by themselves. */
async function lookAtPools(): Promise<void> {
  for (const pool of caches.warmPools()) warmPools.queue.add(keyOf(pool));
  try {
    await warm.syncRuntimes();
  } catch (err) {
    log.warn({ err }, 'warm pools of Runtimes not brought up to date, tried again');
  }
}

async function collect(): Promise<void> {
  try {
    codeMetrics.collected(await code.collect());
  } catch (err) {
    log.warn({ err }, 'bundles that nothing refers to were not all deleted, tried again in an hour');
  }
}

async function stop(): Promise<void> {
  log.info('stopping');
  controller.stop();
  directController.stop();
  warmPools.stop();
  warmFunctions.stop();
  caches.stop();
  await scaling.stop();
  await elector.release();
  process.exit(0);
}

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
leading.set({ name: 'lull-operator' }, 0);
adminServer({ registry, isReady: () => caches.hasSynced, json: { '/sd/functions': () => caches.scrapeTargets() } }).listen(
  config.metricsPort,
);
const synced = caches.start();
elector.start();
