import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Source } from '../../common/api/code.ts';
import { type FetchConfig, readFetchConfig } from '../config.ts';
import { FetchError, type FetchErrorCode } from '../errors.ts';
import { CODE_DIR, fetchSource } from '../fetch.ts';

/** Fetches one source into a folder of its own, as the Job's container does, but without waiting between tries. */
export class Fetching {
  readonly workDir = mkdtempSync(join(tmpdir(), 'fetch-'));
  readonly codeDir = join(this.workDir, CODE_DIR);
  readonly scratchDir = join(this.workDir, 'home');
  /** What was tried again. */
  readonly failures: FetchError[] = [];

  async run(source: Source, env: NodeJS.ProcessEnv = {}, changes: Partial<FetchConfig> = {}): Promise<number> {
    const { PATH } = process.env;
    const config = readFetchConfig({
      PATH,
      HOME: this.scratchDir,
      TMPDIR: this.scratchDir,
      LULL_WORK_DIR: this.workDir,
      LULL_STORE: '127.0.0.1:1',
      LULL_MAX_UNPACKED_BYTES: '1000000',
      LULL_RETRY_MILLIS: '1',
      LULL_SOURCE: JSON.stringify(source),
      ...env,
    });
    this.failures.length = 0;
    return await fetchSource({ ...config, ...changes }, (error) => this.failures.push(error));
  }

  /** Mounts a Secret in place of the one before; the environment that says where. */
  secret(keys: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const folder = join(this.workDir, 'credentials');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [key, value] of Object.entries(keys)) writeFileSync(join(folder, key), value);
    return { LULL_CREDENTIALS_DIR: folder };
  }

  /** The code of what it fails with. */
  async failure(source: Source, env: NodeJS.ProcessEnv = {}, changes: Partial<FetchConfig> = {}): Promise<FetchErrorCode> {
    const error = await this.run(source, env, changes).then(
      () => new Error('it was fetched'),
      (thrown: unknown) => thrown,
    );
    if (error instanceof FetchError && error.code !== 'Internal') return error.code;
    throw error;
  }
}
