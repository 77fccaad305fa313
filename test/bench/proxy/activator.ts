/**
 * The activator's data plane as it runs in its pod, routing, slots and metrics all on, in front of servers that are said to be pods of functions.
 * The parent sends `{name, port, concurrency}` for each function; nothing else is left out but the cluster.
 */
import type { AddressInfo } from 'node:net';
import { monotonic } from '../../../activator/clock.ts';
import { readConfig } from '../../../activator/config.ts';
import { DataPlane } from '../../../activator/data-plane.ts';

interface FunctionMessage {
  name: string;
  /** Left out: a function that sleeps, and no cluster wakes. */
  port?: number;
  concurrency?: number;
}

const config = readConfig({
  LULL_NAMESPACE: 'bench',
  LULL_ANNOUNCE_KEY_FILE: '/dev/null',
  KUBERNETES_SERVICE_HOST: 'none',
  KUBERNETES_SERVICE_PORT: '1',
  ...process.env,
});
const plane = new DataPlane({
  clock: monotonic,
  names: { domain: config.domain, clusterDomain: config.clusterDomain },
  announceKey: 'bench',
  hold: config.hold,
  limits: config.limits,
  trustedProxies: [],
  self: 'bench',
  address: '127.0.0.1:1',
  peers: () => [],
  scaleFromZero: async () => true,
  startsAtOnce: () => 100,
  olderCode: async () => undefined,
  synced: () => true,
  onFunctionAdded: () => undefined,
  onWakeError: () => undefined,
});

function add({ name, port, concurrency = 0 }: FunctionMessage): void {
  const labels = { 'lull.dev/function': name, 'lull.dev/revision': `${name}-1` };
  plane.table.functionChanged({
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name, namespace: 'bench', uid: name },
    spec: { protocol: 'http', code: { image: 'none' }, concurrency },
    status: { activeRevision: `${name}-1` },
  });
  plane.table.deploymentChanged({ metadata: { name: `${name}-1`, namespace: 'bench', labels }, spec: { replicas: port ? 1 : 0 } }, false);
  if (port === undefined) return;
  const pod = {
    metadata: { name: `${name}-1-pod`, namespace: 'bench', labels },
    spec: { nodeName: 'bench', containers: [{ name: 'function', ports: [{ name: 'http', containerPort: port }] }] },
    status: { podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
  };
  plane.table.podChanged(pod, false);
}

process.on('message', (message: FunctionMessage | 'figures') => {
  if (message !== 'figures') {
    add(message);
    return;
  }
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const functions = [...plane.table.values()].map(({ name, queue, demand, metrics }) => ({
    name,
    held: queue.length,
    demand: demand.now,
    classes: [...metrics.classes],
    left: metrics.left,
    errors: Object.fromEntries(metrics.errors),
  }));
  process.send?.({ rss, heapUsed, connections: plane.requests.size, open: plane.open, functions });
});
plane.requests.server.listen(0, '127.0.0.1', () => process.send?.({ port: (plane.requests.server.address() as AddressInfo).port }));
// So that a profile, where one is taken (FLAGS=--cpu-prof), is written.
process.on('SIGTERM', () => process.exit(0));
