import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { type DemandMessage, demandToken } from '../../common/api/demand.ts';
import { ACTIVATOR_CONTROL_PORT } from '../../common/api/names.ts';
import { joinHostPort } from '../../common/host-port.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import type { Logger } from '../../common/log.ts';
import type { Caches } from '../caches.ts';
import type { DirectAccess } from '../direct/direct-access.ts';
import { scale } from '../kube/apply.ts';
import type { Writer } from '../writer.ts';
import { Autoscaler } from './autoscaler.ts';
import type { Scalable } from './function-scaler.ts';
import { IdleHistoryStore } from './idle/history-store.ts';
import { IdlePlanners } from './idle/idle-planners.ts';
import { LiveDemand } from './live/live-demand.ts';
import { AutoscalerMetrics } from './metrics.ts';
import { PrometheusObserver } from './observe.ts';
import { PrometheusClient, type PrometheusOptions } from './prometheus-client.ts';
import { askLoads, deletionCosts } from './scale-down.ts';
import { ScheduleFloors } from './schedule.ts';

/** The scrape interval of the chart's Prometheus: looking more often would see nothing new. */
const TICK_MILLIS = 2000;
/** What was learnt of idle times is written this often, if it has changed. */
const SAVE_MILLIS = 60_000;
/** So long the ReplicaSet controller's own watch gets to see what a pod costs, before it is told to end one. */
const COST_SEEN_MILLIS = 150;

export interface AutoscalingOptions {
  prometheus: PrometheusOptions;
  announceKey: string;
  /** Lull's own namespace. */
  namespace: string;
  caches: Caches;
  /** Follows each look at a function, too. */
  direct: Pick<DirectAccess, 'follow'>;
  /** Hears what the activators say of warm pools. */
  onDemand: (activator: string, message: DemandMessage | undefined) => void;
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
  /** The process ends: what was learnt is kept. */
  stop(): Promise<void>;
}

/** Puts the autoscaler together; it does nothing until it is run. */
export function autoscaling({
  prometheus,
  announceKey,
  namespace,
  caches,
  direct,
  onDemand,
  writer,
  transport,
  registry,
  log,
}: AutoscalingOptions): Autoscaling {
  const client = new PrometheusClient(prometheus);
  const observer = new PrometheusObserver(client);
  const live: LiveDemand = new LiveDemand({
    token: demandToken(announceKey),
    now: () => performance.now(),
    onHeld: (key) => autoscaler.poke(key),
    onMessage: onDemand,
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

  const idle = new IdlePlanners();
  const histories = new IdleHistoryStore(transport, namespace);
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
    followed: (fn, seen) => direct.follow(fn, seen),
    idle,
    onError: (key, err) => log.warn({ err, function: key }, 'scaling failed, tried again'),
    metrics,
    now: () => Date.now(),
  });
  const save = async (): Promise<void> => {
    try {
      if (await histories.save(idle.serialise())) metrics.writes.inc({ kind: 'configmap' });
    } catch (err) {
      log.warn({ err }, 'what was learnt of idle times is not kept, tried again');
    }
  };
  let leading = false;
  const meet = (): void => live.meet(caches.activatorAddresses().map((address) => joinHostPort(address, ACTIVATOR_CONTROL_PORT)));

  return {
    run: async () => {
      leading = true;
      meet();
      await histories.load().then(
        (learnt) => idle.restore(learnt),
        (err: unknown) => log.warn({ err }, 'what was learnt of idle times cannot be read, learnt anew'),
      );
      setInterval(() => void save(), SAVE_MILLIS);
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
    stop: async () => {
      if (leading) await save();
    },
  };
}
