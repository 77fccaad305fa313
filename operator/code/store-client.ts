import { Agent, type Dispatcher } from 'undici';
import { BLOBS_PATH, type BlobList, blobPath, type StoredBlob, storeToken, WRITE_HEADER } from '../../common/api/store.ts';

export interface StoreClientOptions {
  /** HOST:PORT. */
  address: string;
  /** The key from which the store's tokens are derived. */
  key: string;
}

/** What the operator asks of the store. */
export interface BlobStore {
  list(): Promise<StoredBlob[]>;
  has(digest: string): Promise<boolean>;
  /** `write` says for whom: NAMESPACE/SOURCE. */
  put(digest: string, bytes: Buffer, write: string): Promise<void>;
  remove(digest: string): Promise<void>;
}

/** Speaks to the store over HTTP. What it throws says what was asked and what was answered. */
export class StoreClient implements BlobStore {
  readonly #options: StoreClientOptions;
  readonly #agent = new Agent({ connections: 4, connect: { timeout: 3000 }, headersTimeout: 20_000, bodyTimeout: 20_000 });

  constructor(options: StoreClientOptions) {
    this.#options = options;
  }

  async list(): Promise<StoredBlob[]> {
    const { body } = await this.#request('GET', BLOBS_PATH, 'admin', [200]);
    return (JSON.parse(body) as BlobList).blobs;
  }

  async has(digest: string): Promise<boolean> {
    const { status } = await this.#request('HEAD', blobPath(digest), `read/${digest}`, [200, 404]);
    return status === 200;
  }

  async put(digest: string, bytes: Buffer, write: string): Promise<void> {
    await this.#request('PUT', blobPath(digest), `write/${write}`, [200, 201], { body: bytes, headers: { [WRITE_HEADER]: write } });
  }

  async remove(digest: string): Promise<void> {
    await this.#request('DELETE', blobPath(digest), 'admin', [204, 404]);
  }

  async #request(
    method: Dispatcher.HttpMethod,
    path: string,
    may: string,
    expected: readonly number[],
    { body = null, headers = {} }: { body?: Buffer | null; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: string }> {
    const { address, key } = this.#options;
    const response = await this.#agent.request({
      origin: `http://${address}`,
      path,
      method,
      body,
      headers: { ...headers, authorization: `Bearer ${storeToken(key, may)}` },
    });
    const text = await response.body.text();
    if (!expected.includes(response.statusCode)) throw new Error(`store: ${method} ${path}: ${response.statusCode} ${text.slice(0, 300)}`);
    return { status: response.statusCode, body: text };
  }
}
