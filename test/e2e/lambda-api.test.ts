import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsLambda } from '../conformance/lambda-api/aws-cli.ts';
import { CASES, type Case } from '../conformance/lambda-api/cases.ts';
import { type Client, goClient, nodeClient, pythonClient } from '../conformance/lambda-api/clients.ts';
import { hastenKubelets, type Keys, revokeKeys } from '../conformance/lambda-api/keys.ts';
import { prepare, run, tidy } from '../conformance/lambda-api/run.ts';
import { must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';
import { zipOf } from '../support/zip.ts';

describe('Lambda’s API, by AWS’s own clients', () => {
  let keys: Keys;
  beforeAll(async () => {
    keys = await prepare();
  }, 300_000);
  afterAll(() => tidy());

  const CLIENTS: [string, () => Promise<Client>][] = [
    ['boto3', pythonClient],
    ['@aws-sdk/client-lambda', nodeClient],
    ['aws-sdk-go-v2', goClient],
  ];
  it.each(CLIENTS)('%s sees what AWS would show', { timeout: 300_000 }, async (_name, client) => {
    const { wrong } = await run(await client(), keys);
    expect(wrong.flatMap((one, i) => (one.length > 0 ? [`${CASES[i]?.name}: ${one.join('; ')}`] : []))).toEqual([]);
  });

  /** The AWS CLI, as one that may do everything. */
  const aws = (...args: string[]): Promise<string> => awsLambda(keys.all, ...args);

  it('the AWS CLI makes a function of a zip file, waits for it, calls, changes and deletes it', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lull-aws-'));
    const name = ['--function-name', 'by_cli'];
    const zip = (version: number): string => {
      const file = join(dir, `${version}.zip`);
      writeFileSync(file, zipOf({ 'src/app.py': `def handler(event, context):\n    return ${version}\n` }));
      return `fileb://${file}`;
    };
    const code = [
      '--runtime',
      'python3.11',
      '--handler',
      'src/app.handler',
      '--role',
      'arn:aws:iam::123456789012:role/x',
      '--zip-file',
      zip(1),
    ];
    expect(JSON.parse(await aws('create-function', ...name, ...code))).toMatchObject({ FunctionName: 'by_cli', State: 'Pending' });
    await aws('wait', 'function-active-v2', ...name);
    const out = join(dir, 'out.json');
    await aws('invoke', ...name, out);
    expect(readFileSync(out, 'utf8')).toBe('1');
    await aws('update-function-code', ...name, '--zip-file', zip(2));
    await aws('wait', 'function-updated-v2', ...name);
    await aws('invoke', ...name, out);
    expect(readFileSync(out, 'utf8')).toBe('2');
    await aws('delete-function', ...name);
    await expect(aws('get-function', ...name)).rejects.toThrow(/ResourceNotFoundException.*function:by_cli/);
    rmSync(dir, { recursive: true });
  });

  it('the AWS CLI invokes, lists and waits', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lull-aws-'));
    const out = join(dir, 'out.json');
    const said = JSON.parse(await aws('invoke', '--function-name', 'behave', '--payload', '{"a": 1}', '--log-type', 'Tail', out)) as object;
    expect(said).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ a: 1 });
    expect(await aws('list-functions', '--query', 'Functions[].FunctionName', '--output', 'text')).toContain('behave-node');
    await aws('wait', 'function-active-v2', '--function-name', 'behave');
    rmSync(dir, { recursive: true });
  });

  it('no secret, and nothing that was signed, is in a log', async () => {
    const logs = await must(['logs', '-n', 'lull-system', '-l', 'app.kubernetes.io/component in (activator,manager)', '--tail=-1']);
    expect(logs).toContain('keys taken over');
    for (const text of [keys.all.secret, keys.one.secret, 'x-amz-date:']) expect(logs).not.toContain(text);
  });

  it('a key that is taken back is refused', { timeout: 180_000 }, async () => {
    const client = await pythonClient();
    await revokeKeys();
    await hastenKubelets();
    await until(
      'the key is refused',
      async () => {
        const { wrong } = await run(client, keys, undefined, [
          { ...(CASES[0] as Case), expect: { status: 403, error: 'UnrecognizedClientException' } },
        ]);
        return wrong[0]?.length === 0;
      },
      150_000,
      1000,
    );
  });
});
