import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import * as z from 'zod';
import { parseEnv } from '../common/parse-env.ts';

const port = z.coerce.number().int().min(0).max(65535);
const seconds = (fallback: number, max = 86_400) => z.coerce.number().min(0.1).max(max).default(fallback);
const bytes = (fallback: number, min = 0) => z.coerce.number().int().min(min).default(fallback);

/** Networks as a list with commas, each an address or a CIDR. */
const networks = z
  .string()
  .default('')
  .transform((list) => list.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()])))
  .refine((list) => list.every((item) => isIP(item.split('/')[0] ?? '') !== 0), {
    message: 'not addresses or networks, such as 10.0.0.0/8',
  });

/** The activator's environment variables; the chart sets them. Nothing else reads process.env. */
const schema = z.object({
  LULL_NAMESPACE: z.string().min(1),
  LULL_POD: z.string().min(1).default('activator'),
  LULL_POD_IP: z.string().default('127.0.0.1'),
  LULL_ANNOUNCE_KEY_FILE: z.string().min(1),
  LULL_DOMAIN: z.string().min(1).default('lull.localhost'),
  LULL_CLUSTER_DOMAIN: z.string().min(1).default('cluster.local'),
  LULL_HOLD_SECONDS: seconds(120, 3600),
  LULL_HOLD_REQUESTS: z.coerce.number().int().min(1).default(10_000),
  LULL_HOLD_TOTAL_REQUESTS: z.coerce.number().int().min(1).default(20_000),
  LULL_HOLD_BYTES: bytes(33_554_432),
  LULL_HOLD_TOTAL_BYTES: bytes(134_217_728),
  LULL_STARTS_PER_CORE: z.coerce.number().min(0).default(2),
  LULL_HEAD_BYTES: bytes(65_536, 1024),
  LULL_REQUEST_LINE_BYTES: bytes(16_384, 256),
  LULL_FIELDS: z.coerce.number().int().min(10).max(2000).default(200),
  LULL_BODY_BYTES: bytes(0),
  LULL_IDLE_SECONDS: seconds(75),
  LULL_HEAD_SECONDS: seconds(20),
  LULL_STALL_SECONDS: seconds(300),
  LULL_CONNECTIONS_PER_ADDRESS: z.coerce.number().int().min(0).default(0),
  LULL_TRUSTED_PROXIES: networks,
  LULL_ACCESS_LOG: z.coerce.number().min(0).max(1).default(0),
  LULL_OTLP_ENDPOINT: z.url().optional(),
  LULL_TRACE_RATIO: z.coerce.number().min(0).max(1).default(0.1),
  LULL_LAMBDA_API: z.stringbool().default(false),
  LULL_LAMBDA_API_ANONYMOUS: z.stringbool().default(false),
  LULL_LAMBDA_API_KEYS_DIR: z.string().min(1).default('/etc/lull/lambda-keys'),
  LULL_MANAGER: z
    .string()
    .regex(/^[a-z0-9.-]+:\d+$/)
    .optional(),
  LULL_TLS_DIR: z.string().min(1).optional(),
  LULL_TLS_PORT: port.default(8443),
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
  const values = parseEnv(schema, env);
  return Object.freeze({
    namespace: values.LULL_NAMESPACE,
    pod: values.LULL_POD,
    podIp: values.LULL_POD_IP,
    announceKey: readFileSync(values.LULL_ANNOUNCE_KEY_FILE, 'utf8').trim(),
    domain: values.LULL_DOMAIN,
    clusterDomain: values.LULL_CLUSTER_DOMAIN,
    startsPerCore: values.LULL_STARTS_PER_CORE,
    hold: {
      millis: values.LULL_HOLD_SECONDS * 1000,
      requests: values.LULL_HOLD_REQUESTS,
      totalRequests: values.LULL_HOLD_TOTAL_REQUESTS,
      bytes: values.LULL_HOLD_BYTES,
      totalBytes: values.LULL_HOLD_TOTAL_BYTES,
    },
    limits: {
      headBytes: values.LULL_HEAD_BYTES,
      requestLineBytes: values.LULL_REQUEST_LINE_BYTES,
      fields: values.LULL_FIELDS,
      bodyBytes: values.LULL_BODY_BYTES,
      idleMillis: values.LULL_IDLE_SECONDS * 1000,
      headMillis: values.LULL_HEAD_SECONDS * 1000,
      stallMillis: values.LULL_STALL_SECONDS * 1000,
      connectionsPerAddress: values.LULL_CONNECTIONS_PER_ADDRESS,
    },
    trustedProxies: values.LULL_TRUSTED_PROXIES,
    accessLog: values.LULL_ACCESS_LOG,
    otlpEndpoint: values.LULL_OTLP_ENDPOINT,
    traceRatio: values.LULL_TRACE_RATIO,
    lambdaApi: values.LULL_LAMBDA_API
      ? { anonymous: values.LULL_LAMBDA_API_ANONYMOUS, keysDir: values.LULL_LAMBDA_API_KEYS_DIR, manager: hostPort(values.LULL_MANAGER) }
      : undefined,
    tlsDir: values.LULL_TLS_DIR,
    tlsPort: values.LULL_TLS_PORT,
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

function hostPort(text: string | undefined): { host: string; port: number } | undefined {
  const [host = '', port] = text?.split(':') ?? [];
  return text === undefined ? undefined : { host, port: Number(port) };
}
