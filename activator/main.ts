/** The activator: routes, holds, wakes, forwards. This file only wires; a request's way begins in request-server.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { adminServer } from '../common/admin-server.ts';
import { joinHostPort } from '../common/host-port.ts';
import { inCluster } from '../common/kube/in-cluster.ts';
import { undiciTransport } from '../common/kube/undici-transport.ts';
import { AccessKeys } from '../common/lambda-api/access-keys.ts';
import { Authentication } from '../common/lambda-api/authentication.ts';
import { createLogger } from '../common/log.ts';
import { accessLog } from './access-log.ts';
import { monotonic } from './clock.ts';
import { Cores } from './cluster/cores.ts';
import { olderCode } from './cluster/older-code.ts';
import { ClusterView } from './cluster/watch.ts';
import { readConfig } from './config.ts';
import { DataPlane } from './data-plane.ts';
import { dropSlabs } from './http1/slabs.ts';
import { fullCollection, IdleCollection } from './idle-collection.ts';
import { tlsListener } from './tls-listener.ts';
import { startTracing } from './tracing.ts';
import { scaleFromZero } from './wake/scale-from-zero.ts';

/** A new activator is not Ready before it has met the others, that they keep the limits together; one that cannot be reached must not keep it from serving. */
const PEERS_WAIT_MILLIS = 5000;

const LINGER_MILLIS = 250;

const config = readConfig();
const log = createLogger('activator', config.logLevel);
const transport = undiciTransport(inCluster({ host: config.apiHost, port: config.apiPort }));

const tracing =
  config.otlpEndpoint === undefined
    ? undefined
    : await startTracing({ endpoint: config.otlpEndpoint, ratio: config.traceRatio, instance: config.pod });

/** Undefined when anybody may call Lambda's API. */
function authentication(keysDir: string): Authentication {
  const keys = new AccessKeys({
    dir: keysDir,
    reloaded: (count, wrong) => {
      log.info({ keys: count }, "Lambda API's keys taken over");
      if (wrong.length > 0) log.error({ keys: wrong }, "Lambda API's keys that are not valid, and refused");
    },
  });
  return new Authentication(keys, Date.now, (accessKeyId, canonical) => log.debug({ accessKeyId, canonical }, 'wrong signature'));
}

const cluster: ClusterView = new ClusterView({
  transport,
  table: () => plane.table,
  namespace: config.namespace,
  controlService: config.controlService,
  controlPort: config.controlPort,
  podIp: config.podIp,
  peersChanged: () => plane.peersChanged(cluster.peers()),
  observer: { failed: (error) => log.warn({ err: error }, 'watch failed, tried again') },
});
const cores = new Cores({ transport, failed: (error) => log.warn({ err: error }, 'nodes cannot be counted: wakes do not take turns') });
let finished = 0;
const logAccess = accessLog(log, config.accessLog, monotonic);
const plane = new DataPlane({
  clock: monotonic,
  names: { domain: config.domain, clusterDomain: config.clusterDomain },
  announceKey: config.announceKey,
  hold: config.hold,
  limits: config.limits,
  trustedProxies: config.trustedProxies,
  self: config.pod,
  address: joinHostPort(config.podIp, config.controlPort),
  peers: () => cluster.peers(),
  scaleFromZero: scaleFromZero(transport),
  startsAtOnce: () =>
    config.startsPerCore === 0 ? Number.POSITIVE_INFINITY : config.startsPerCore * (cores.count ?? Number.POSITIVE_INFINITY),
  olderCode: olderCode(transport),
  synced: () => cluster.hasSynced,
  onFunctionAdded: (fn) => cluster.replay(fn),
  lambdaApi: config.lambdaApi && {
    authentication: config.lambdaApi.anonymous ? undefined : authentication(config.lambdaApi.keysDir),
    manager: config.lambdaApi.manager,
  },
  tracing,
  onFinished: (exchange) => {
    finished += 1;
    logAccess?.(exchange);
  },
  onWakeError: (fn, error) => log.warn({ err: error, function: fn.key }, 'wake failed, tried again'),
});
const admin = adminServer({
  registry: plane.metrics.registry,
  isReady: () => cluster.hasSynced && !plane.draining && (plane.peers.settled || performance.now() > PEERS_WAIT_MILLIS),
});

/** Readiness goes off while everything is still answered, so that no new client is sent here; then what is open is finished. */
async function drain(): Promise<void> {
  log.info({ open: plane.open }, 'draining');
  plane.drain();
  const deadline = performance.now() + config.drainMillis;
  // As long as endpoints take to tell kube-proxy that this pod is not Ready any more.
  await sleep(Math.min(2000, config.drainMillis));
  while (plane.open > 0 && performance.now() < deadline) await sleep(50);
  plane.close();
  tls?.close();
  // What came at the last moment, and what the last answers' connections still have to say.
  do await sleep(LINGER_MILLIS);
  while (plane.open > 0 && performance.now() < deadline);
  cluster.stop();
  await tracing?.shutdown().catch(() => undefined);
  log.info({ open: plane.open }, 'drained');
  process.exit(0);
}

const collect = fullCollection();
new IdleCollection({
  open: () => plane.open,
  finished: () => finished,
  collect: () => {
    dropSlabs();
    collect();
  },
}).start();
process.once('SIGTERM', () => void drain());
process.once('SIGINT', () => void drain());
cluster.start();
if (config.startsPerCore > 0) cores.start();
plane.requests.server.listen(config.port);
const tls =
  config.tlsDir === undefined
    ? undefined
    : tlsListener({
        dir: config.tlsDir,
        accept: (socket, http2) => (http2 ? plane.requests.acceptHttp2(socket, true) : plane.requests.accept(socket, true)),
        reloaded: (error) => (error ? log.error({ err: error }, 'certificate not taken over') : log.info('certificate taken over')),
      });
tls?.listen(config.tlsPort);
plane.announcements.server.listen(config.controlPort);
admin.listen(config.metricsPort, () => log.info({ port: config.port }, 'listening'));
