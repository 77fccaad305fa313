import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFormat, ArchiveSource } from '../../common/api/code.ts';
import { blobPath, storedDigest } from '../../common/api/store.ts';
import type { FetchConfig } from '../config.ts';
import { FetchError } from '../errors.ts';
import { type Retry, retrying } from '../retry.ts';
import { unpackArchive } from '../unpack/archive.ts';
import type { Tree } from '../unpack/tree.ts';
import { Credentials } from './credentials.ts';
import { authorization, getInside, getOutside } from './http.ts';
import { getObject } from './s3.ts';
import { trusted } from './trust.ts';

/** Downloads a zip or tar.gz by http, from S3 or Lull's own store, compares its digest and unpacks it. */
export async function fetchArchive(source: ArchiveSource, tree: Tree, config: FetchConfig, retry: Retry): Promise<void> {
  const format = source.format ?? formatOf(source.url);
  if (format === undefined) throw new FetchError('BadSource', 'the format, zip or tgz, is not given and not seen from the URL');
  const file = join(config.workDir, 'archive');
  const actual = await retrying(() => get(source, file, config), retry);
  const expected = source.sha256 ?? storedDigest(source.url);
  if (expected !== undefined && actual !== expected) throw new FetchError('DigestMismatch', `it is ${actual}, not ${expected}`);
  await unpackArchive(file, format, tree, config.maxUnpackedBytes);
  await rm(file);
}

async function get(source: ArchiveSource, file: string, config: FetchConfig): Promise<string> {
  const { url } = source;
  const maxBytes = config.maxDownloadBytes;
  const digest = storedDigest(url);
  if (digest !== undefined) return await getStored(digest, file, config);
  const credentials = new Credentials(config.credentialsDir);
  const ca = config.caFile === undefined ? undefined : await trusted(config.caFile);
  if (/^https?:/.test(url)) return await getOutside({ url, headers: await authorization(credentials), file, maxBytes }, ca);
  if (url.startsWith('s3:'))
    return await getObject({ url, options: source.s3 ?? {}, credentials, file, maxBytes, env: config.toolEnv, ca });
  throw new FetchError('BadSource', `${url.split(':', 1)[0]} is no kind of URL that is known`);
}

async function getStored(digest: string, file: string, config: FetchConfig): Promise<string> {
  try {
    return await getInside({
      url: `http://${config.store}${blobPath(digest)}`,
      headers: { authorization: `Bearer ${config.storeReadToken ?? ''}` },
      file,
      maxBytes: config.maxDownloadBytes,
    });
  } catch (error) {
    throw error instanceof FetchError && error.code === 'SourceUnavailable'
      ? new FetchError('StoreUnavailable', error.detail, error)
      : error;
  }
}

/** Seen from the end of the URL's path. */
export function formatOf(url: string): ArchiveFormat | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  if (path.endsWith('.zip')) return 'zip';
  return /\.(tgz|tar\.gz)$/.test(path) ? 'tgz' : undefined;
}
