import { join } from 'node:path';
import { lullUrl } from '../../support/http.ts';
import { command } from '../../support/kubectl.ts';
import { pythonClient } from './clients.ts';
import type { Key } from './keys.ts';

/** `aws lambda …` by this key, at the activators; what it printed. The program comes with boto3. */
export async function awsLambda(key: Key, ...args: string[]): Promise<string> {
  return command(join((await pythonClient()).cwd, 'venv/bin/aws'), ['--endpoint-url', lullUrl().origin, 'lambda', ...args], {
    AWS_ACCESS_KEY_ID: key.id,
    AWS_SECRET_ACCESS_KEY: key.secret,
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_CONFIG_FILE: '/dev/null',
  });
}
