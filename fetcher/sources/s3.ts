import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { S3Options } from '../../common/api/code.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { download } from './download.ts';
import { isUntrusted } from './trust.ts';

const TIMEOUTS = { connectionTimeout: 10_000, socketTimeout: 60_000 };

export interface S3File {
  /** s3://BUCKET/KEY */
  url: string;
  options: S3Options;
  credentials: Credentials;
  file: string;
  maxBytes: number;
  /** Names the proxy, if there is one. */
  env: NodeJS.ProcessEnv;
  /** Authorities to be trusted; the usual ones when undefined. */
  ca: readonly string[] | undefined;
}

/** Downloads an object of S3, or of a store that speaks as it does; returns its SHA-256. Without a Secret it is asked for without a signature, as public ones may be. */
export async function getObject({ url, options, credentials, file, maxBytes, env, ca }: S3File): Promise<string> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  if (key === '') throw new FetchError('BadSource', `${url} is not s3://BUCKET/KEY`);
  const keys = await credentials.require('the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY', () => keysOf(credentials));
  const client = new S3Client({
    region: options.region ?? 'us-east-1',
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    forcePathStyle: options.forcePathStyle ?? false,
    // The bucket's own, whatever region the source says.
    followRegionRedirects: true,
    // Others' stores do not send the checksums that AWS has added since; we compare our own.
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    requestHandler: {
      ...TIMEOUTS,
      httpAgent: new HttpAgent({ proxyEnv: env }),
      httpsAgent: new HttpsAgent({ proxyEnv: env, ...(ca && { ca: [...ca] }) }),
    },
    ...(keys
      ? { credentials: keys }
      : { credentials: { accessKeyId: '', secretAccessKey: '' }, signer: { sign: async (request) => request } }),
  });
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await download(Body as Readable, file, maxBytes);
  } catch (error) {
    throw asOurs(error, url);
  } finally {
    client.destroy();
  }
}

async function keysOf(
  credentials: Credentials,
): Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined> {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
  const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all(names.map(async (name) => (await credentials.read(name))?.trim()));
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function asOurs(error: unknown, url: string): unknown {
  if (error instanceof FetchError) return error;
  if (error instanceof S3ServiceException)
    return new FetchError(codeOf(error.$metadata.httpStatusCode ?? 0), `${url}: ${error.name}`, error);
  const { code, message } = error as NodeJS.ErrnoException;
  if (isUntrusted(code)) return new FetchError('SourceUntrusted', `${url}: ${message}`, error);
  return code === 'ENOSPC' ? error : new FetchError('SourceUnavailable', `${url}: ${message || code}`, error);
}

function codeOf(status: number): FetchErrorCode {
  if (status === 404) return 'SourceNotFound';
  return status >= 500 || status === 429 || status === 0 ? 'SourceUnavailable' : 'SourceRefused';
}
