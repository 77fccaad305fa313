import { join } from 'node:path';
import type { FetchConfig } from '../config.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import { Credentials } from './credentials.ts';
import { registryOf } from './image-config.ts';
import { run, ToolError } from './tool.ts';
import { isUntrusted, trustedFile } from './trust.ts';

/** How skopeo is to speak to the registry of an image: with the Secret's credentials or none, by https unless the installation says otherwise. */
export async function registryOptions(image: string, config: FetchConfig): Promise<(prefix?: string) => string[]> {
  const credentials = new Credentials(config.credentialsDir);
  const authFile = await credentials.require('the key .dockerconfigjson (type kubernetes.io/dockerconfigjson)', async () =>
    (await credentials.read('.dockerconfigjson')) === undefined ? undefined : credentials.path('.dockerconfigjson'),
  );
  const insecure = config.insecureRegistries.includes(registryOf(image));
  return (prefix = '') => [
    ...(authFile === undefined ? [`--${prefix}no-creds`] : [`--authfile=${authFile}`]),
    ...(insecure ? [`--${prefix}tls-verify=false`] : []),
  ];
}

/** skopeo's environment: Go takes this file in place of the system's. */
export async function registryEnv(config: FetchConfig): Promise<NodeJS.ProcessEnv> {
  if (config.caFile === undefined) return config.toolEnv;
  const file = join(config.scratchDir, 'ca.crt');
  await trustedFile(config.caFile, file);
  return { ...config.toolEnv, SSL_CERT_FILE: file };
}

/** `skopeo inspect` of an image. `what`: `--raw` for the manifest as it is, `--config` for the configuration of this machine's platform. */
export async function inspectImageBytes(image: string, what: '--raw' | '--config', config: FetchConfig): Promise<Buffer> {
  const [options, env] = [await registryOptions(image, config), await registryEnv(config)];
  try {
    return await run('skopeo', ['inspect', what, ...options(), `docker://${image}`], env);
  } catch (error) {
    throw asRegistryError(error);
  }
}

/** What skopeo said, as an error of ours. */
export function asRegistryError(error: unknown): unknown {
  return error instanceof ToolError ? new FetchError(codeOf(error.said), error.message, error) : error;
}

function codeOf(said: string): FetchErrorCode {
  if (isUntrusted(said)) return 'SourceUntrusted';
  if (/manifest unknown|name unknown|not known to registry|not found|status 404/i.test(said)) return 'SourceNotFound';
  if (/unauthorized|authentication required|denied|forbidden|status 40[13]|credentials/i.test(said)) return 'SourceRefused';
  return /invalid reference format|no image found in (manifest list|image index)/i.test(said) ? 'SourceNotFound' : 'SourceUnavailable';
}
