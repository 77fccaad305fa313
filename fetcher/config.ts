import * as z from 'zod';
import type { Source } from '../common/api/code.ts';
import { parseEnv } from '../common/parse-env.ts';

const MEBIBYTE = 1 << 20;

/** The fetcher's environment variables; the operator sets them (operator/code/fetch-job.ts). Nothing else reads process.env. */
const common = z.object({
  LULL_WORK_DIR: z.string().min(1).default('/work'),
  LULL_TERMINATION_LOG: z.string().min(1).default('/dev/termination-log'),
  LULL_STORE: z.string().min(1),
  LULL_MAX_UNPACKED_BYTES: z.coerce.number().int().min(1).default(262_144_000),
  LULL_RETRY_MILLIS: z.coerce.number().int().min(1).default(1000),
  LULL_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

const fetching = common.extend({
  LULL_SOURCE: z.string().min(1),
  LULL_CONFIG_MAP_DIR: z.string().min(1).optional(),
  LULL_CREDENTIALS_DIR: z.string().min(1).optional(),
  LULL_CA_FILE: z.string().min(1).optional(),
  LULL_STORE_READ_TOKEN: z.string().min(1).optional(),
  LULL_INSECURE_REGISTRIES: z.string().default(''),
});

const packing = common.extend({
  LULL_STORE_WRITE: z.string().min(1),
  LULL_STORE_WRITE_TOKEN: z.string().min(1),
  LULL_RESERVED: z.string().min(1).optional(),
});

/** What `fetch` and `pack` need both. */
export interface CommonConfig {
  /** Holds `code`, what is fetched, and `facts.json`. */
  workDir: string;
  /** HOST:PORT of the store. */
  store: string;
  maxUnpackedBytes: number;
  /** Pause before the second try of one request; it doubles. */
  retryMillis: number;
}

export interface FetchConfig extends CommonConfig {
  source: Source;
  configMapDir: string | undefined;
  credentialsDir: string | undefined;
  /** Certificates (PEM) that the source's server is trusted by, besides the usual ones. */
  caFile: string | undefined;
  storeReadToken: string | undefined;
  /** HOST:PORT of registries that are spoken to by http. */
  insecureRegistries: readonly string[];
  /** More than this is no archive of what may be unpacked. */
  maxDownloadBytes: number;
  /** Of this container alone, unlike workDir: the one that runs other people's install scripts must not see a key. */
  scratchDir: string;
  /** Proxies and certificates for git and skopeo, as the installation has set them; HOME. */
  toolEnv: NodeJS.ProcessEnv;
}

export interface PackConfig extends CommonConfig {
  /** NAMESPACE/SOURCE. */
  write: string;
  writeToken: string;
  /** What nothing at the root of it may be called: it is taken where it will be unpacked. */
  reserved: string | undefined;
}

/** What is needed before anything can go wrong. */
export function readBasics(env: NodeJS.ProcessEnv = process.env): { terminationLog: string; logLevel: string } {
  return { terminationLog: env['LULL_TERMINATION_LOG'] ?? '/dev/termination-log', logLevel: env['LULL_LOG_LEVEL'] ?? 'info' };
}

function commonOf(values: z.infer<typeof common>): CommonConfig {
  return {
    workDir: values.LULL_WORK_DIR,
    store: values.LULL_STORE,
    maxUnpackedBytes: values.LULL_MAX_UNPACKED_BYTES,
    retryMillis: values.LULL_RETRY_MILLIS,
  };
}

/** Configuration of `fetch`; throws with the name of the variable that is wrong. */
export function readFetchConfig(env: NodeJS.ProcessEnv = process.env): FetchConfig {
  const values = parseEnv(fetching, env);
  return {
    ...commonOf(values),
    source: JSON.parse(values.LULL_SOURCE) as Source,
    configMapDir: values.LULL_CONFIG_MAP_DIR,
    credentialsDir: values.LULL_CREDENTIALS_DIR,
    caFile: values.LULL_CA_FILE,
    storeReadToken: values.LULL_STORE_READ_TOKEN,
    insecureRegistries: values.LULL_INSECURE_REGISTRIES.split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    // What is stored as it is grows a little by the headers.
    maxDownloadBytes: values.LULL_MAX_UNPACKED_BYTES + 64 * MEBIBYTE,
    scratchDir: env['TMPDIR'] ?? '/tmp',
    toolEnv: toolEnv(env),
  };
}

/** Configuration of `pack`. */
export function readPackConfig(env: NodeJS.ProcessEnv = process.env): PackConfig {
  const values = parseEnv(packing, env);
  return {
    ...commonOf(values),
    write: values.LULL_STORE_WRITE,
    writeToken: values.LULL_STORE_WRITE_TOKEN,
    reserved: values.LULL_RESERVED,
  };
}

/** Everything but our own variables, which hold tokens. */
function toolEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // Git reads this one in small letters only: in a CGI program the other would be a request's header.
  const proxy = env['http_proxy'] ?? env['HTTP_PROXY'];
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => !name.startsWith('LULL_'))
      .concat(proxy === undefined ? [] : [['http_proxy', proxy]]),
  );
}
