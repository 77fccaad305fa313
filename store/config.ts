import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { STORE_PORT } from '../common/api/store.ts';
import { parseEnv } from '../common/parse-env.ts';

/** The store's environment variables; the chart sets them. Nothing else reads process.env. */
const schema = z.object({
  LULL_ANNOUNCE_KEY_FILE: z.string().min(1),
  LULL_STORE_DIR: z.string().min(1).default('/var/lib/lull-store'),
  LULL_STORE_PORT: z.coerce.number().int().min(0).max(65535).default(STORE_PORT),
  LULL_MAX_BLOB_BYTES: z.coerce.number().int().min(1).default(300_000_000),
  LULL_METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(9090),
  LULL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

/** Reads and checks the configuration once; throws with the name of the variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = parseEnv(schema, env);
  return Object.freeze({
    key: readFileSync(values.LULL_ANNOUNCE_KEY_FILE, 'utf8').trim(),
    folder: values.LULL_STORE_DIR,
    port: values.LULL_STORE_PORT,
    maxBlobBytes: values.LULL_MAX_BLOB_BYTES,
    metricsPort: values.LULL_METRICS_PORT,
    logLevel: values.LULL_LOG_LEVEL,
  });
}
