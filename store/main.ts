/** The store: keeps functions' code by its digest, so that a wake asks nobody outside the cluster. Wires its parts, and nothing else. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { adminServer } from '../common/admin-server.ts';
import { createLogger } from '../common/log.ts';
import { Blobs } from './blobs.ts';
import { readConfig } from './config.ts';
import { StoreMetrics } from './metrics.ts';
import { storeServer } from './server.ts';

const config = readConfig();
const log = createLogger('store', config.logLevel);
const registry = new Registry();
collectDefaultMetrics({ register: registry });

const blobs = await Blobs.open(config.folder, config.maxBlobBytes);
const metrics = new StoreMetrics(registry, blobs);
const server = storeServer({
  blobs,
  key: config.key,
  metrics,
  onError: (err) => log.error({ err }, 'the volume cannot be read or written'),
});
const admin = adminServer({ registry, isReady: () => server.listening });
admin.listen(config.metricsPort);
server.listen(config.port, () => log.info({ port: config.port, blobs: blobs.list().length }, 'serving'));

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
