import { createReadStream } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { blobPath, WRITE_HEADER } from '../../common/api/store.ts';
import { splitHostPort } from '../../common/host-port.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';

/** A store that says nothing for so long is asked anew. */
const SILENCE_MILLIS = 60_000;

export interface Upload {
  file: string;
  digest: string;
  bytes: number;
  /** HOST:PORT. */
  store: string;
  /** NAMESPACE/SOURCE, for whom the token is. */
  write: string;
  writeToken: string;
}

/** Puts a bundle into the store, which may have it already. */
export async function upload({ file, digest, bytes, store, write, writeToken }: Upload): Promise<void> {
  const { host, port } = splitHostPort(store);
  const headers = {
    authorization: `Bearer ${writeToken}`,
    [WRITE_HEADER]: write,
    'content-type': 'application/zstd',
    'content-length': bytes,
    // A store that has it already says so before 50 MB are sent.
    expect: '100-continue',
  };
  const body = createReadStream(file);
  const req = request({ host, port, path: blobPath(digest), method: 'PUT', agent: false, timeout: SILENCE_MILLIS, headers });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      req.on('timeout', () => req.destroy(new Error(`silent for ${SILENCE_MILLIS / 1000} s`)));
      req.on('error', reject);
      req.on('response', resolve);
      req.on('continue', () => body.on('error', (error) => req.destroy(error)).pipe(req));
      req.flushHeaders();
    });
    response.on('error', () => undefined);
    const { statusCode = 0 } = response;
    if (statusCode === 200 || statusCode === 201) return;
    throw new FetchError(refusalOf(statusCode), `${store} answers ${statusCode} to ${bytes} bytes`);
  } catch (error) {
    throw error instanceof FetchError ? error : new FetchError('StoreUnavailable', `${store}: ${(error as Error).message}`, error);
  } finally {
    body.destroy();
    // A store that has answered may have left the rest of the body unread; waiting for it would keep this process.
    req.on('error', () => undefined).destroy();
  }
}

function refusalOf(status: number): FetchErrorCode {
  if (status === 413) return 'TooLarge';
  return status === 507 ? 'StoreFull' : 'StoreUnavailable';
}
