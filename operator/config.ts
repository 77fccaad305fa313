import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** The operator's environment variables; the chart sets them. Nothing else reads process.env. */
const schema = z.object({
  LULL_NAMESPACE: z.string().min(1),
  LULL_POD: z.string().min(1).default('operator'),
  LULL_ANNOUNCE_KEY_FILE: z.string().min(1),
  LULL_DOMAIN: z.string().min(1).default('lull.localhost'),
  LULL_ACTIVATOR_CONTROL: z.string().regex(/^.+:\d+$/, 'HOST:PORT'),
  LULL_ACTIVATOR_HOST: z.string().min(1),
  LULL_TRUSTED_PROXIES: z.string().default(''),
  LULL_BRIDGE_IMAGE: z.string().min(1),
  LULL_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  LULL_PROMETHEUS_URL: z.url(),
  LULL_PROMETHEUS_TOKEN_FILE: z.string().optional(),
  LULL_METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(9090),
  LULL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
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
    announceKey: readFileSync(values.LULL_ANNOUNCE_KEY_FILE, 'utf8').trim(),
    domain: values.LULL_DOMAIN,
    activatorControl: values.LULL_ACTIVATOR_CONTROL,
    activatorHost: values.LULL_ACTIVATOR_HOST,
    // The Service's own name, and its port; with a dot at the end, pods search no other domain for it.
    activatorService: values.LULL_ACTIVATOR_HOST.split('.')[0] as string,
    activatorHttp: `${values.LULL_ACTIVATOR_HOST}.:80`,
    trustedProxies: values.LULL_TRUSTED_PROXIES,
    bridgeImage: values.LULL_BRIDGE_IMAGE,
    imagePullPolicy: values.LULL_IMAGE_PULL_POLICY,
    prometheusUrl: values.LULL_PROMETHEUS_URL,
    prometheusTokenFile: values.LULL_PROMETHEUS_TOKEN_FILE,
    metricsPort: values.LULL_METRICS_PORT,
    logLevel: values.LULL_LOG_LEVEL,
  });
}
