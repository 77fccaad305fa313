import { join } from 'node:path';
import { exec } from '../exec.ts';
import { binDir } from '../paths.ts';
import { files } from './files.ts';

/** As the cluster's administrator. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  const env = { ...process.env, PATH: `${process.env['PATH']}:${join(binDir.kubernetes)}` };
  return exec('kubectl', ['--kubeconfig', files.admin, '--request-timeout=10s', ...args], {
    env,
    ...(input === undefined ? {} : { input }),
  });
}
