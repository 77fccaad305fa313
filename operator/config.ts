import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Resources } from '../common/api/meta.ts';
import { parseEnv } from '../common/parse-env.ts';

/** A variable that holds JSON. */
function json<T extends z.ZodType>(schema: T, fallback: string, what: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context): z.output<T> => {
      try {
        return schema.parse(JSON.parse(text));
      } catch {
        context.addIssue({ code: 'custom', message: `not ${what}` });
        return z.NEVER;
      }
    });
}

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
  LULL_PROMETHEUS_HEADERS: json(z.record(z.string(), z.string()), '{}', 'a JSON object of strings, such as {"X-Scope-OrgID":"lull"}'),
  LULL_STORE: z.string().regex(/^.+:\d+$/, 'HOST:PORT'),
  LULL_FETCHER_IMAGE: z.string().min(1),
  LULL_BUILD_ENV: json(z.array(z.object({ name: z.string(), value: z.string() })), '[]', 'a JSON list of {"name": …, "value": …}'),
  LULL_BUILD_RESOURCES: json(
    z.object({ requests: z.record(z.string(), z.coerce.string()).optional(), limits: z.record(z.string(), z.coerce.string()).optional() }),
    '{}',
    'JSON as resources of a container',
  ),
  LULL_BUILD_DEADLINE_SECONDS: z.coerce.number().int().min(10).default(900),
  LULL_INSECURE_REGISTRIES: z.string().default(''),
  LULL_METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(9090),
  LULL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export type Config = Readonly<ReturnType<typeof readConfig>>;

/** Reads and checks the configuration once; throws with the name of the variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = parseEnv(schema, env);
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
    code: {
      store: values.LULL_STORE,
      fetcherImage: values.LULL_FETCHER_IMAGE,
      env: values.LULL_BUILD_ENV,
      resources: values.LULL_BUILD_RESOURCES as Resources,
      deadlineSeconds: values.LULL_BUILD_DEADLINE_SECONDS,
      insecureRegistries: values.LULL_INSECURE_REGISTRIES,
    },
    metricsPort: values.LULL_METRICS_PORT,
    logLevel: values.LULL_LOG_LEVEL,
  });
}
