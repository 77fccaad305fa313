import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { parseEnv } from '../common/parse-env.ts';

const port = z.coerce.number().int().min(0).max(65535);
const optional = z
  .string()
  .optional()
  .transform((text) => text || undefined);

/** The manager's environment variables; the chart sets them. Nothing else reads process.env. */
const schema = z.object({
  LULL_ANNOUNCE_KEY_FILE: z.string().min(1),
  LULL_LAMBDA_API_KEYS_DIR: z.string().min(1).default('/etc/lull/lambda-keys'),
  /** HOST:PORT */
  LULL_STORE: z.string().min(1),
  LULL_UPLOAD_DIR: z.string().min(1).default('/tmp'),
  LULL_UPLOADS: z.coerce.number().int().min(1).default(4),
  /** With commas; all when empty. */
  LULL_MANAGE_NAMESPACES: z.string().default(''),
  LULL_S3_CREDENTIALS_SECRET: optional,
  LULL_S3_ENDPOINT: optional,
  LULL_S3_REGION: optional,
  LULL_S3_FORCE_PATH_STYLE: z.stringbool().default(false),
  LULL_PORT: port.default(8092),
  LULL_METRICS_PORT: port.default(9090),
  LULL_DRAIN_SECONDS: z.coerce.number().min(0).default(20),
  LULL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  KUBERNETES_SERVICE_HOST: z.string().min(1),
  KUBERNETES_SERVICE_PORT: z.string().min(1),
});

export type Config = Readonly<ReturnType<typeof readConfig>>;

/** Reads and checks the configuration once; throws with the name of the variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = parseEnv(schema, env);
  const namespaces = values.LULL_MANAGE_NAMESPACES.split(',').filter(Boolean);
  return Object.freeze({
    announceKey: readFileSync(values.LULL_ANNOUNCE_KEY_FILE, 'utf8').trim(),
    keysDir: values.LULL_LAMBDA_API_KEYS_DIR,
    store: values.LULL_STORE,
    uploads: { dir: values.LULL_UPLOAD_DIR, most: values.LULL_UPLOADS },
    namespaces: namespaces.length > 0 ? namespaces : undefined,
    s3: {
      credentialsSecret: values.LULL_S3_CREDENTIALS_SECRET,
      endpoint: values.LULL_S3_ENDPOINT,
      region: values.LULL_S3_REGION,
      forcePathStyle: values.LULL_S3_FORCE_PATH_STYLE,
    },
    port: values.LULL_PORT,
    metricsPort: values.LULL_METRICS_PORT,
    drainMillis: values.LULL_DRAIN_SECONDS * 1000,
    logLevel: values.LULL_LOG_LEVEL,
    apiHost: values.KUBERNETES_SERVICE_HOST,
    apiPort: values.KUBERNETES_SERVICE_PORT,
  });
}
