import { readFileSync } from 'node:fs';
import * as z from 'zod';

const port = z.coerce.number().int().min(0).max(65535);

/** The activator's environment variables; the chart sets them. Nothing else reads process.env. */
const schema = z.object({
  LULL_NAMESPACE: z.string().min(1),
  LULL_POD: z.string().min(1).default('activator'),
  LULL_POD_IP: z.string().default('127.0.0.1'),
  LULL_ANNOUNCE_KEY_FILE: z.string().min(1),
  LULL_DOMAIN: z.string().min(1).default('lull.localhost'),
  LULL_CLUSTER_DOMAIN: z.string().min(1).default('cluster.local'),
  LULL_HOLD_SECONDS: z.coerce.number().min(1).max(3600).default(120),
  LULL_HOLD_REQUESTS: z.coerce.number().int().min(1).default(10_000),
  LULL_PORT: port.default(8080),
  LULL_CONTROL_PORT: port.default(8081),
  LULL_METRICS_PORT: port.default(9090),
  LULL_CONTROL_SERVICE: z.string().min(1).default('lull-activator-control'),
  LULL_DRAIN_SECONDS: z.coerce.number().min(0).default(50),
  LULL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  KUBERNETES_SERVICE_HOST: z.string().min(1),
  KUBERNETES_SERVICE_PORT: z.string().min(1),
});

export type Config = Readonly<ReturnType<typeof readConfig>>;

/** Reads and checks the configuration once; throws with the name of the variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const parsed = schema.safeParse(env);
  if (!parsed.success) throw new Error(`configuration: ${z.prettifyError(parsed.error)}`);
  const values = parsed.data;
  return Object.freeze({
    namespace: values.LULL_NAMESPACE,
    pod: values.LULL_POD,
    podIp: values.LULL_POD_IP,
    announceKey: readFileSync(values.LULL_ANNOUNCE_KEY_FILE, 'utf8').trim(),
    domain: values.LULL_DOMAIN,
    clusterDomain: values.LULL_CLUSTER_DOMAIN,
    holdMillis: values.LULL_HOLD_SECONDS * 1000,
    holdRequests: values.LULL_HOLD_REQUESTS,
    port: values.LULL_PORT,
    controlPort: values.LULL_CONTROL_PORT,
    metricsPort: values.LULL_METRICS_PORT,
    controlService: values.LULL_CONTROL_SERVICE,
    drainMillis: values.LULL_DRAIN_SECONDS * 1000,
    logLevel: values.LULL_LOG_LEVEL,
    apiHost: values.KUBERNETES_SERVICE_HOST,
    apiPort: values.KUBERNETES_SERVICE_PORT,
  });
}
