import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** The operator's environment variables; the chart sets them. Nothing else reads process.env. */
const schema = z.object({
  LULL_NAMESPACE: z.string().min(1),
  LULL_POD: z.string().min(1).default('operator'),
  LULL_ANNOUNCE_KEY_FILE: z.string().min(1),
  LULL_SCRAPER_NAMESPACES: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((name) => name !== '')),
  LULL_DOMAIN: z.string().min(1).default('lull.localhost'),
  LULL_ACTIVATOR_CONTROL: z.string().regex(/^.+:\d+$/, 'HOST:PORT'),
  LULL_ACTIVATOR_CONTROL_SERVICE: z.string().min(1).default('lull-activator-control'),
  LULL_ACTIVATOR_HOST: z.string().min(1),
  LULL_TRUSTED_PROXIES: z.string().default(''),
  LULL_BRIDGE_IMAGE: z.string().min(1),
  LULL_IMAGE_PULL_POLICY: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  LULL_PROMETHEUS_URL: z.url(),
  LULL_PROMETHEUS_TOKEN_FILE: z.string().optional(),
  LULL_PROMETHEUS_CA_FILE: z.string().optional(),
  LULL_PROMETHEUS_HEADERS: z
    .string()
    .default('{}')
    .transform((text, context) => {
      try {
        return z.record(z.string(), z.string()).parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: 'custom', message: 'not a JSON object of strings, such as {"X-Scope-OrgID":"lull"}' });
        return z.NEVER;
      }
    }),
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
    scraperNamespaces: values.LULL_SCRAPER_NAMESPACES,
    domain: values.LULL_DOMAIN,
    activatorControl: values.LULL_ACTIVATOR_CONTROL,
    activatorControlService: values.LULL_ACTIVATOR_CONTROL_SERVICE,
    activatorHost: values.LULL_ACTIVATOR_HOST,
    // With a dot at the end, pods search no other domain for it.
    activatorHttp: `${values.LULL_ACTIVATOR_HOST}.:80`,
    trustedProxies: values.LULL_TRUSTED_PROXIES,
    bridgeImage: values.LULL_BRIDGE_IMAGE,
    imagePullPolicy: values.LULL_IMAGE_PULL_POLICY,
    prometheus: {
      url: values.LULL_PROMETHEUS_URL,
      headers: values.LULL_PROMETHEUS_HEADERS,
      ...(values.LULL_PROMETHEUS_TOKEN_FILE !== undefined && { tokenFile: values.LULL_PROMETHEUS_TOKEN_FILE }),
      ...(values.LULL_PROMETHEUS_CA_FILE !== undefined && { caFile: values.LULL_PROMETHEUS_CA_FILE }),
    },
    metricsPort: values.LULL_METRICS_PORT,
    logLevel: values.LULL_LOG_LEVEL,
  });
}
