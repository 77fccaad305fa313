/** The manager: calls of Lambda's API that make, change and read functions (docs/adr/0016). This file only wires. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Registry } from 'prom-client';
import { adminServer } from '../common/admin-server.ts';
import { inCluster } from '../common/kube/in-cluster.ts';
import { undiciTransport } from '../common/kube/undici-transport.ts';
import { AccessKeys } from '../common/lambda-api/access-keys.ts';
import { Authentication } from '../common/lambda-api/authentication.ts';
import { createLogger } from '../common/log.ts';
import { callServer } from './call-server.ts';
import { readConfig } from './config.ts';
import { KubeFunctions } from './kube-functions.ts';
import { StoreClient } from './store-client.ts';
import { Uploads } from './upload.ts';

const config = readConfig();
const log = createLogger('manager', config.logLevel);
const registry = new Registry();
const calls = new Counter({
  name: 'lull_manager_calls_total',
  help: "Calls of Lambda's API that were answered, by operation and AWS's name of the error (ok for none).",
  labelNames: ['operation', 'code'],
  registers: [registry],
});
const keys = new AccessKeys({
  dir: config.keysDir,
  reloaded: (count, wrong) => {
    log.info({ keys: count }, "Lambda API's keys taken over");
    if (wrong.length > 0) log.error({ keys: wrong }, "Lambda API's keys that are not valid, and refused");
  },
});
const server = callServer({
  authentication: new Authentication(keys, Date.now, (accessKeyId, canonical) => log.debug({ accessKeyId, canonical }, 'wrong signature')),
  functions: new KubeFunctions(undiciTransport(inCluster({ host: config.apiHost, port: config.apiPort })), config.namespaces),
  store: new StoreClient(config.store, config.announceKey),
  uploads: new Uploads(config.uploads.dir, config.uploads.most),
  s3: config.s3,
  answered: (operation, code) => calls.inc({ operation, code }),
  failed: (error) => log.error({ err: error }, 'call failed'),
});
let draining = false;
const admin = adminServer({ registry, isReady: () => !draining });

/** Readiness goes off while everything is still answered; then what is open is finished. */
async function drain(): Promise<void> {
  draining = true;
  log.info('draining');
  await sleep(Math.min(2000, config.drainMillis));
  const deadline = sleep(config.drainMillis, undefined, { ref: false }).then(() => server.closeAllConnections());
  await Promise.race([deadline, new Promise((resolve) => server.close(resolve))]);
  log.info('drained');
  process.exit(0);
}

process.once('SIGTERM', () => void drain());
process.once('SIGINT', () => void drain());
server.listen(config.port);
admin.listen(config.metricsPort, () => log.info({ port: config.port }, 'listening'));
