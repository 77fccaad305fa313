import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { demandToken } from '../../common/api/demand.ts';
import { ACTIVATOR_CONTROL_PORT } from '../../common/api/names.ts';
import { joinHostPort } from '../../common/host-port.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import type { Logger } from '../../common/log.ts';
import type { Caches } from '../caches.ts';
import { scale } from '../kube/apply.ts';
import type { Writer } from '../writer.ts';
import { Autoscaler } from './autoscaler.ts';
import type { Scalable } from './function-scaler.ts';
import { LiveDemand } from './live/live-demand.ts';
import { AutoscalerMetrics } from './metrics.ts';
import { PrometheusObserver } from './observe.ts';
import { PrometheusClient, type PrometheusOptions } from './prometheus-client.ts';
import { askLoads, deletionCosts } from './scale-down.ts';
import { ScheduleFloors } from './schedule.ts';

/** The scrape interval of the chart's Prometheus: looking more often would see nothing new. */
const TICK_MILLIS = 2000;
/** So long the ReplicaSet controller's own watch gets to see what a pod costs, before it is told to end one. */
const COST_SEEN_MILLIS = 150;

export interface AutoscalingOptions {
  prometheus: PrometheusOptions;
  announceKey: string;
  caches: Caches;
  writer: Writer;
  transport: KubeTransport;
  registry: Registry;
  log: Logger;
}

/** The autoscaler with all that it looks at and writes to. */
export interface Autoscaling {
  /** Runs for as long as the process leads. */
  run(): Promise<never>;
  /** A function's Deployment was told another number of pods. */
  scaled(key: string): void;
  /** The activators are others now. */
  activatorsChanged(): void;
}

/** Puts the autoscaler together; it does nothing until it is run. */
export function autoscaling({ prometheus, announceKey, caches, writer, transport, registry, log }: AutoscalingOptions): Autoscaling {
  const client = new PrometheusClient(prometheus);
  const observer = new PrometheusObserver(client);
  const live: LiveDemand = new LiveDemand({
    token: demandToken(announceKey),
    now: () => performance.now(),
    onHeld: (key) => autoscaler.poke(key),
  });
  const metrics = new AutoscalerMetrics(registry, { queries: () => client.asked, activators: () => live.links });

  const beforeScaleDown = async ({ fn, deployment }: Scalable): Promise<void> => {
    const { namespace = 'default', name } = fn.metadata;
    const key = `${namespace}/${name}`;
    const pods = caches.pods(key).filter(({ metadata }) => metadata.name.startsWith(`${deployment}-`));
    const costs = deletionCosts(pods, await askLoads(live.addresses, announceKey, key));
    if (costs.length === 0) return;
    metrics.writes.inc({ kind: 'pod' }, costs.length);
    await Promise.all(costs.map(({ pod, cost }) => writer.writeDeletionCost(namespace, pod, cost)));
    await sleep(COST_SEEN_MILLIS);
  };

  const autoscaler: Autoscaler = new Autoscaler({
    list: () => caches.scalable(),
    get: (key) => caches.scalableOf(key),
    observe: (targets) => observer.observe(targets),
    live: (key) => live.of(key),
    scale: (namespace, deployment, from, to) => scale(transport, namespace, deployment, from, to),
    beforeScaleDown,
    write: {
      status: (fn, status, condition) => {
        metrics.writes.inc({ kind: 'status' });
        return writer.writeScaleStatus(fn, status, condition);
      },
      event: (fn, reason, note) => {
        metrics.writes.inc({ kind: 'event' });
        writer.event(fn, 'Normal', reason, note);
      },
    },
    schedules: new ScheduleFloors(),
    idle: { plan: () => undefined, forget: () => undefined },
    onError: (key, err) => log.warn({ err, function: key }, 'scaling failed, tried again'),
    metrics,
    now: () => Date.now(),
  });
  let leading = false;
  const meet = (): void => live.meet(caches.activatorAddresses().map((address) => joinHostPort(address, ACTIVATOR_CONTROL_PORT)));

  return {
    run: async () => {
      leading = true;
      meet();
      let missing: string | undefined;
      for (;;) {
        await autoscaler.tick();
        if (autoscaler.missing !== missing) {
          missing = autoscaler.missing;
          if (missing === undefined) log.info('Prometheus answers');
          else log.warn({ reason: missing }, 'no observation from Prometheus: nothing is scaled down');
        }
        await sleep(TICK_MILLIS);
      }
    },
    scaled: (key) => {
      if (leading && (live.of(key)?.held ?? 0) > 0) autoscaler.poke(key);
    },
    activatorsChanged: () => {
      if (leading) meet();
    },
  };
}
