import { Agent, type Dispatcher, EnvHttpProxyAgent, errors, interceptors, request } from 'undici';
import { FetchError } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { download } from './download.ts';
import { isUntrusted } from './trust.ts';

const MAX_REDIRECTIONS = 10;
/** A source that sends nothing for so long is given up, and tried again. */
const SILENCE_MILLIS = 60_000;
const TIMEOUTS = { headersTimeout: SILENCE_MILLIS, bodyTimeout: SILENCE_MILLIS, connectTimeout: 10_000 };

export interface HttpFile {
  url: string;
  headers: Readonly<Record<string, string>>;
  file: string;
  maxBytes: number;
}

/** By the proxy that the installation names (HTTPS_PROXY, NO_PROXY), trusting these authorities or the usual ones. Credentials do not follow a redirection to another host. */
export async function getOutside(file: HttpFile, ca: readonly string[] | undefined): Promise<string> {
  const tls = ca && { ca: [...ca] };
  const agent = new EnvHttpProxyAgent({ ...TIMEOUTS, ...(tls && { connect: tls, requestTls: tls, proxyTls: tls }) });
  return await get(file, agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS })));
}

/** Inside the cluster, where no proxy is. */
export async function getInside(file: HttpFile): Promise<string> {
  return await get(file, new Agent(TIMEOUTS));
}

/** Downloads the bytes as they are sent, and not as a Content-Encoding would have them: of those is the SHA-256 that sha256sum prints. Returns it. */
async function get({ url, headers, file, maxBytes }: HttpFile, dispatcher: Dispatcher): Promise<string> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers: { 'user-agent': 'lull-fetcher', accept: '*/*', ...headers } });
    const refusal = refusalOf(statusCode);
    if (refusal) {
      body.on('error', () => undefined).destroy();
      throw new FetchError(refusal, `${new URL(url).host} answers ${statusCode}`);
    }
    return await download(body, file, maxBytes);
  } catch (error) {
    throw asOurs(error, new URL(url).host);
  } finally {
    await dispatcher.destroy();
  }
}

function refusalOf(status: number): 'SourceNotFound' | 'SourceRefused' | 'SourceUnavailable' | undefined {
  if (status === 200) return undefined;
  if (status === 404 || status === 410) return 'SourceNotFound';
  // Too early, too often, too slow: as good as a server that fails.
  if (status >= 500 || [408, 425, 429].includes(status)) return 'SourceUnavailable';
  return 'SourceRefused';
}

function asOurs(error: unknown, host: string): unknown {
  if (error instanceof FetchError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (isUntrusted(code)) return new FetchError('SourceUntrusted', `${host}: ${message}`, error);
  const ofNetwork =
    error instanceof errors.UndiciError ||
    /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_)|ENOTFOUND|UND_|CERT_|ERR_TLS|ERR_SSL|UNABLE|SELF_|DEPTH_)/.test(code ?? '');
  return ofNetwork || code === undefined ? new FetchError('SourceUnavailable', `${host}: ${message || code}`, error) : error;
}

/** Authorization from the source's Secret: `token`, or `username` and `password`. */
export async function authorization(credentials: Credentials): Promise<Record<string, string>> {
  const value = await credentials.require('a key token, or username and password', async () => {
    const token = await credentials.read('token');
    if (token !== undefined) return `Bearer ${token.trim()}`;
    const basic = await credentials.basic();
    return basic && `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`;
  });
  return value === undefined ? {} : { authorization: value };
}
