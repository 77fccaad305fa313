import { execFile } from 'node:child_process';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { registryOf } from './image-config.ts';

/** Bytes of a manifest or a configuration; real ones have a few kilobytes. */
const MAX_ANSWER_BYTES = 16 << 20;
/** A registry that has not answered by then is tried again. */
const TIMEOUT_MILLIS = 120_000;

export interface RegistryOptions {
  /** Of type kubernetes.io/dockerconfigjson. */
  credentials: Credentials;
  /** HOST:PORT of registries that are spoken to by http. */
  insecureRegistries: readonly string[];
  /** Proxies and certificates, as the installation has set them. */
  env: NodeJS.ProcessEnv;
}

/** `skopeo inspect` of an image: what it prints. `what`: `--raw` for the manifest as it is, `--config` for the configuration of this machine's platform. */
export async function inspect(image: string, what: '--raw' | '--config', options: RegistryOptions): Promise<Buffer> {
  const { credentials, insecureRegistries, env } = options;
  const authFile = await credentials.require('a key .dockerconfigjson', async () =>
    (await credentials.read('.dockerconfigjson')) === undefined ? undefined : credentials.path('.dockerconfigjson'),
  );
  const registry = registryOf(image);
  const args = [
    ...(authFile === undefined ? ['--no-creds'] : ['--authfile', authFile]),
    ...(insecureRegistries.includes(registry) ? ['--tls-verify=false'] : []),
  ];
  return await new Promise((resolve, reject) => {
    execFile(
      'skopeo',
      ['inspect', what, ...args, `docker://${image}`],
      { encoding: 'buffer', env, timeout: TIMEOUT_MILLIS, maxBuffer: MAX_ANSWER_BYTES },
      (error, stdout, stderr) => {
        if (error) reject(registryError(stderr.toString() || error.message, registry));
        else resolve(stdout);
      },
    );
  });
}

/** skopeo says in words what the registry answered; the last line is the one that counts. */
export function registryError(stderr: string, registry: string): FetchError {
  const words = stderr.trim().split('\n').at(-1) ?? '';
  const code: FetchErrorCode = /unauthorized|denied|authentication required|\b40[13]\b/i.test(words)
    ? 'SourceRefused'
    : /manifest unknown|name unknown|not found|\b404\b|repository name not known/i.test(words)
      ? 'SourceNotFound'
      : /invalid reference format/i.test(words)
        ? 'BadSource'
        : 'SourceUnavailable';
  const said = /msg="((?:[^"\\]|\\.)*)"/.exec(words)?.[1]?.replaceAll('\\"', '"') ?? words;
  return new FetchError(code, `${registry}: ${said}`);
}
