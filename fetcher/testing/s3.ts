import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exec } from '../../test/cluster/exec.ts';
import { step } from '../../test/cluster/log.ts';
import { cacheDir } from '../../test/cluster/paths.ts';

const VERSION = '3.7.1';
/** The server's only login. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/** The npm package s3rver, which knows keys from others but does not check the signatures made with them; installed into the cache once: nothing else needs its 116 packages. */
async function serverScript(): Promise<string> {
  const folder = join(cacheDir, `s3rver-${VERSION}`);
  const script = join(folder, 'node_modules/s3rver/bin/s3rver.js');
  if (existsSync(script)) return script;
  step('s3rver: installing');
  const part = mkdtempSync(`${folder}-`);
  await exec('npm', ['install', '--prefix', part, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `s3rver@${VERSION}`]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  step('s3rver: ready');
  return script;
}

/** An S3-compatible server with one bucket. */
export class TestS3 {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly endpoint: string;

  private constructor(process: ChildProcess, folder: string, endpoint: string) {
    this.#process = process;
    this.#folder = folder;
    this.endpoint = endpoint;
  }

  static async start(bucket: string): Promise<TestS3> {
    const script = await serverScript();
    const folder = mkdtempSync(join(tmpdir(), 's3-'));
    const args = [script, '--directory', folder, '--address', '127.0.0.1', '--port', '0', '--configure-bucket', bucket];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /listening on (\S+:\d+)/.exec(line)?.[1];
      if (address !== undefined) return new TestS3(child, folder, `http://${address}`);
    }
    throw new Error(`s3rver ended with exit code ${child.exitCode}`);
  }

  stop(): void {
    this.#process.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
