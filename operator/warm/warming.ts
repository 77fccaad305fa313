import { randomInt } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { DemandMessage } from '../../common/api/demand.ts';
import type { Logger } from '../../common/log.ts';
import type { Caches } from '../caches.ts';
import type { Settings } from '../function/settings.ts';
import { Controller, type ControllerMetrics } from '../kube/controller.ts';
import { ClaimedPods } from './claimed.ts';
import type { WarmWriter } from './cluster.ts';
import { FunctionWarm } from './function-warm.ts';
import { ImplicitPools } from './implicit-pools.ts';
import { WarmMetrics } from './metrics.ts';
import { PoolUses } from './pool-uses.ts';
import { WarmController } from './warm-controller.ts';

/** As Kubernetes' own names end: nothing that could be read as a word. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export interface WarmingOptions {
  caches: Caches;
  write: WarmWriter;
  settings: Settings;
  registry: Registry;
  controllerMetrics: ControllerMetrics;
  log: Logger;
}

/** Warm pools, with all that they look at and write to. */
export interface Warming {
  start(): void;
  stop(): void;
  /** An activator has told of pods that were claimed, and of its counters. */
  told(activator: string, message: DemandMessage): void;
  activatorsAre(addresses: readonly string[]): void;
  functionChanged(key: string): void;
  /** NAMESPACE/RUNTIME: functions, pools or the Runtime have changed. */
  runtimeChanged(key: string): void;
  poolChanged(key: string): void;
  poolPodChanged(pool: string, pod: string): void;
  /** What was applied for a pool was changed or deleted by somebody. */
  poolOwnedChanged(key: string): void;
}

/** Puts them together; nothing is done until it is started. */
export function warming({ caches, write, settings, registry, controllerMetrics, log }: WarmingOptions): Warming {
  const controller = (name: string, reconcile: (key: string) => Promise<void>): Controller =>
    new Controller({
      name,
      reconcile,
      onError: (key, err) => log.warn({ err, key, controller: name }, 'reconcile failed, tried again'),
      metrics: controllerMetrics,
      workers: 4,
    });
  const uses = new PoolUses();
  const claimed: ClaimedPods = new ClaimedPods({ read: caches, write, again: (key) => claims.queue.add(key) });
  const pools = new WarmController({
    read: caches,
    write,
    claimed,
    uses,
    settings,
    metrics: new WarmMetrics(registry),
    again: (key, afterMillis) => poolControl.queue.addAfter(key, afterMillis),
    suffix: () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
    now: () => Date.now(),
  });
  const functions = new FunctionWarm({ read: caches, write, settings });
  const implicit = new ImplicitPools({ read: caches, write });
  const claims: Controller = controller('warm-claim', (key) => claimed.reconcile(key));
  const poolControl: Controller = controller('warm-pool', (key) => pools.reconcile(key));
  const functionControl = controller('warm-function', (key) => functions.reconcile(key));
  const runtimeControl = controller('warm-runtime', (key) => implicit.reconcile(key));
  const all = [claims, poolControl, functionControl, runtimeControl];
  return {
    start: () => {
      for (const one of all) one.start();
    },
    stop: () => {
      for (const one of all) one.stop();
    },
    told: (activator, message) => {
      for (const key of claimed.told(message.claimed ?? {})) poolControl.queue.add(key);
      for (const key of uses.told(activator, message.pools ?? {}, performance.now())) poolControl.queue.add(key);
    },
    activatorsAre: (addresses) => uses.keepOnly(addresses),
    functionChanged: (key) => functionControl.queue.add(key),
    runtimeChanged: (key) => runtimeControl.queue.add(key),
    poolChanged: (key) => poolControl.queue.add(key),
    poolPodChanged: (pool, pod) => {
      poolControl.queue.add(pool);
      claims.queue.add(pod);
    },
    poolOwnedChanged: (key) => {
      pools.forget(key);
      poolControl.queue.add(key);
    },
  };
}
