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

const TELLS = `import os

def handler(event, context):
    if event.get("raise"):
        raise ValueError("x" * event["raise"])
    held = []
    while event.get("grow"):
        held.append(bytearray(10_000_000))
    return [context.function_name, context.log_group_name, os.environ["DSN"], os.environ["PATH"]]
`;
/** docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html, shortened by its comments. */
const TUTORIAL = `#!/bin/sh
set -euo pipefail
source $LAMBDA_TASK_ROOT/"$(echo $_HANDLER | cut -d. -f1).sh"
while true
do
  HEADERS="$(mktemp)"
  EVENT_DATA=$(curl -sS -LD "$HEADERS" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
  REQUEST_ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  RESPONSE=$($(echo "$_HANDLER" | cut -d. -f2) "$EVENT_DATA")
  curl "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$REQUEST_ID/response" -d "$RESPONSE"
done
`;

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

  it('a function is what was said: its name, its variables, its errors', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lull-aws-'));
    const zip = join(dir, 'code.zip');
    writeFileSync(zip, zipOf({ 'app.py': TELLS }));
    // Longer than a Function's may be.
    const long = 'OrdersOfTheShopInProductionInTheMiddleOfEurope_OrderConfirmation';
    const name = ['--function-name', long];
    const Variables = { STAGE: 'prod', DSN: '$(STAGE) $$1', PATH: '/mine:/usr/bin:/bin' };
    const role = ['--role', 'arn:aws:iam::123456789012:role/x'];
    const code = ['--runtime', 'python3.11', '--handler', 'app.handler', '--memory-size', '128', '--zip-file', `fileb://${zip}`];
    await aws('create-function', ...name, ...role, ...code, '--environment', JSON.stringify({ Variables }));
    await aws('wait', 'function-active-v2', ...name);
    const out = join(dir, 'out.json');
    const invoke = async (event: object): Promise<unknown> => {
      await aws('invoke', ...name, '--payload', JSON.stringify(event), out);
      return JSON.parse(readFileSync(out, 'utf8'));
    };
    const told = [long, `/aws/lambda/${long}`, Variables.DSN, Variables.PATH];
    expect(await invoke({})).toEqual(told);
    // With where it came from, that is more than a head of HTTP usually may be.
    expect(await invoke({ raise: 20_000 })).toMatchObject({ errorType: 'ValueError', errorMessage: 'x'.repeat(20_000) });
    expect(await invoke({ grow: true })).toMatchObject({ errorType: 'Runtime.OutOfMemory' });
    // The same code once more is an update all the same.
    expect(JSON.parse(await aws('update-function-code', ...name, '--zip-file', `fileb://${zip}`))).toMatchObject({
      LastUpdateStatus: 'InProgress',
      Role: role[1],
    });
    await aws('wait', 'function-updated-v2', ...name);
    expect(await invoke({})).toEqual(told);
    await expect(aws('get-function', '--function-name', long.replace(/Confirmation$/, 'Cancellation'))).rejects.toThrow(
      /ResourceNotFoundException/,
    );
    await aws('delete-function', ...name);
    rmSync(dir, { recursive: true });
  });

  it('the bootstrap of AWS’s own tutorial runs: its sh is a bash', { timeout: 60_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lull-aws-'));
    const zip = join(dir, 'code.zip');
    const bootstrap = { text: TUTORIAL, executable: true } as const;
    writeFileSync(zip, zipOf({ bootstrap, 'function.sh': 'function handler () {\n  echo "Echoing request: $1"\n}\n' }));
    const name = ['--function-name', 'tutorial'];
    const code = ['--runtime', 'provided.al2023', '--handler', 'function.handler', '--role', 'arn:aws:iam::123456789012:role/x'];
    await aws('create-function', ...name, ...code, '--zip-file', `fileb://${zip}`);
    await aws('wait', 'function-active-v2', ...name);
    const out = join(dir, 'out.json');
    await aws('invoke', ...name, '--payload', '{"text":"Hello"}', out);
    expect(readFileSync(out, 'utf8')).toBe('Echoing request: {"text":"Hello"}');
    await aws('delete-function', ...name);
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
