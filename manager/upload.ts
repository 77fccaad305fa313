import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsError } from '../common/lambda-api/aws-error.ts';
import { CODE_SIZE_ZIPPED } from '../common/lambda-api/read-operations.ts';

/** As AWS says it: 50 MB as base64. */
const MAX_BASE64_BYTES = Math.ceil((CODE_SIZE_ZIPPED * 4) / 3);

type File = Awaited<ReturnType<typeof open>>;

/** What is uploaded at once is bounded, and so is the disk that it takes. */
export class Uploads {
  readonly #dir: string;
  readonly #most: number;
  #now = 0;
  #next = 0;

  /** @param dir for files of at most `most` times 50 MB */
  constructor(dir: string, most: number) {
    this.#dir = dir;
    this.#most = most;
  }

  /** Throws AwsError when as many are under way as may. */
  async begin(operation: string): Promise<Upload> {
    if (this.#now >= this.#most) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 'CallerRateLimitExceeded');
    this.#now += 1;
    this.#next += 1;
    const path = join(this.#dir, `upload-${process.pid}-${this.#next}.zip`);
    try {
      return new Upload(operation, path, await open(path, 'w', 0o600), () => {
        this.#now -= 1;
      });
    } catch (error) {
      this.#now -= 1;
      throw error;
    }
  }
}

/** One zip file on its way into the store: on disk until all of it is there, since only then its digest and its sender are known. */
export class Upload {
  readonly path: string;
  bytes = 0;
  readonly #operation: string;
  readonly #file: File;
  readonly #ended: () => void;
  readonly #hash = createHash('sha256');
  #digest: string | undefined;

  constructor(operation: string, path: string, file: File, ended: () => void) {
    this.#operation = operation;
    this.path = path;
    this.#file = file;
    this.#ended = ended;
  }

  /** Throws AwsError past 50 MB. */
  async write(piece: Buffer): Promise<void> {
    this.bytes += piece.length;
    if (this.bytes > CODE_SIZE_ZIPPED)
      throw new AwsError(
        'RequestEntityTooLargeException',
        `Request must be smaller than ${MAX_BASE64_BYTES} bytes for the ${this.#operation} operation`,
      );
    this.#hash.update(piece);
    await this.#file.write(piece);
  }

  /** SHA-256 of all that was written, hex. */
  get digest(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  /** It is where it was to go, or not wanted. */
  async close(): Promise<void> {
    this.#ended();
    await this.#file.close();
    await unlink(this.path);
  }
}
