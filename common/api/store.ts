/** The HTTP interface of the store, on which operator, fetcher and bridge agree. */
import { createHmac } from 'node:crypto';

/** Port of the store's blobs. */
export const STORE_PORT = 8090;
/** All blobs (GET, admin). */
export const BLOBS_PATH = '/v1/blobs';
/** On a PUT: NAMESPACE/SOURCE, for whom the token was derived. */
export const WRITE_HEADER = 'Lull-Write';

/** One blob. */
export function blobPath(digest: string): string {
  return `${BLOBS_PATH}/${digest}`;
}

/** The address of a blob as a function's code (spec.code.archive.url). */
export function storedUrl(digest: string): string {
  return `store:///${digest}`;
}

/** storedDigest('store:///DIGEST') → DIGEST; undefined for any other address. */
export function storedDigest(url: string): string | undefined {
  return /^store:\/\/\/([0-9a-f]{64})$/.exec(url)?.[1];
}

/** What GET /v1/blobs lists. `createdAt` in Unix milliseconds. */
export interface StoredBlob {
  digest: string;
  bytes: number;
  createdAt: number;
}

export interface BlobList {
  blobs: StoredBlob[];
}

/** The bearer token for `read/DIGEST`, `write/NAMESPACE/SOURCE` or `admin`: HMAC-SHA256 under the installation's key, base64url. */
export function storeToken(key: string, what: string): string {
  return createHmac('sha256', key).update(`store/${what}`).digest('base64url');
}
