import { createReadStream } from 'node:fs';
import { Agent } from 'undici';
import { blobPath, storeToken, WRITE_HEADER } from '../common/api/store.ts';
import { AwsError } from '../common/lambda-api/aws-error.ts';
import type { Upload } from './upload.ts';

/** 50 MB onto a slow disk. */
const TIMEOUT_MILLIS = 120_000;
const SOURCE_LENGTH = 16;

/** Puts zip files into Lull's store, where the Job that unpacks them finds them. */
export class StoreClient {
  readonly #origin: string;
  readonly #key: string;
  readonly #agent = new Agent({ connect: { timeout: 5000 }, headersTimeout: TIMEOUT_MILLIS, bodyTimeout: TIMEOUT_MILLIS });

  /** @param store HOST:PORT @param key the installation's */
  constructor(store: string, key: string) {
    this.#origin = `http://${store}`;
    this.#key = key;
  }

  /** Throws AwsError. @param namespace of the function that it is for */
  async put(upload: Upload, namespace: string): Promise<void> {
    const { digest, bytes } = upload;
    const what = `${namespace}/${digest.slice(0, SOURCE_LENGTH)}`;
    let status: number;
    try {
      const answer = await this.#agent.request({
        origin: this.#origin,
        path: blobPath(digest),
        method: 'PUT',
        headers: {
          authorization: `Bearer ${storeToken(this.#key, `write/${what}`)}`,
          [WRITE_HEADER]: what,
          'content-length': String(bytes),
        },
        body: createReadStream(upload.path),
      });
      await answer.body.dump();
      status = answer.statusCode;
    } catch (error) {
      throw new AwsError(
        'ServiceException',
        `lull-store, which keeps code, does not answer (${(error as Error).message}): try again; see its Deployment.`,
      );
    }
    if (status === 200 || status === 201) return;
    if (status === 507)
      throw new AwsError(
        'CodeStorageExceededException',
        'lull-store is full: its volume (store.persistence.size in the chart) must grow, or functions go.',
      );
    throw new AwsError('ServiceException', `lull-store has answered ${status}: see its log.`);
  }
}
