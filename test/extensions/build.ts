import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../cluster/exec.ts';
import { step } from '../cluster/log.ts';
import { cacheDir, repoDir } from '../cluster/paths.ts';
import { cached } from '../support/cached.ts';

const here = 'test/extensions';

/** A folder with the extension in it that is built with AWS's crate, as /opt/extensions has it. */
export function rustExtension(): Promise<string> {
  return cached('extension-rust', [`${here}/rust`], async (into) => {
    step('cargo: AWS’s lambda-extension (once, some minutes; kept in the cache)');
    const target = join(cacheDir, 'cargo-target');
    await exec('cargo', ['build', '--release', '--locked', '--target-dir', target], { cwd: join(repoDir, here, 'rust') });
    cpSync(join(target, 'release/watcher'), join(into, 'watcher'));
  });
}

/** The binary of a handler with AWS's library for Go. */
export async function goHandler(): Promise<string> {
  const dir = await cached('extension-go', [`${here}/go`], async (into) => {
    step('go: a handler with aws-lambda-go (once; kept in the cache)');
    await exec('go', ['build', '-trimpath', '-tags', 'lambda.norpc', '-o', join(into, 'bootstrap'), '.'], {
      cwd: join(repoDir, here, 'go'),
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    });
  });
  return join(dir, 'bootstrap');
}

/** A folder for PYTHONPATH. */
export function pythonPackages(): Promise<string> {
  return cached('extension-python', [`${here}/python/requirements.txt`], async (into) => {
    step('pip: lambda-sigterm (once; kept in the cache)');
    mkdirSync(into, { recursive: true });
    const requirements = join(repoDir, here, 'python/requirements.txt');
    await exec('python3', ['-m', 'venv', join(into, 'venv')]);
    await exec(join(into, 'venv/bin/pip'), ['install', '-q', '--disable-pip-version-check', '--target', into, '-r', requirements]);
  });
}
