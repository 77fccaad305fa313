import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsLambda } from '../conformance/lambda-api/aws-cli.ts';
import { issueKey, type Key, revokeKey, untilKeysKnown } from '../conformance/lambda-api/keys.ts';
import { type LullFunctionView, lullFunction, podsOf, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, getJson, kubectl, must } from '../support/kubectl.ts';
import { IMAGE_CONFIG, imageFunction, imageName, type LambdaImage, lambdaImages } from '../support/lambda-images.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-lambda-images';
const scale = { idleSeconds: 300 };
const images: LambdaImage[] = ['python', 'aws', 'scratch', 'musl'];
const functions = [
  ...images.map((image) => imageFunction(image, ns, image, { scale })),
  imageFunction('short', ns, 'python', { scale, timeoutSeconds: 2 }),
  imageFunction('volume', ns, 'scratch', { scale, imageConfig: { ...IMAGE_CONFIG.scratch, bridge: 'volume' } }),
  lullFunction('other', ns, {
    scale,
    code: { image: imageName('python') },
    handler: 'app.other',
    imageConfig: { entryPoint: IMAGE_CONFIG.python.entryPoint, workingDirectory: '/function' },
  }),
];
const folder = mkdtempSync(path.join(tmpdir(), 'lull-images-'));
let key: Key;

beforeAll(async () => {
  await lambdaImages();
  const since = new Date();
  key = await issueKey('E2EIMAGES', [ns]);
  await withNamespace(ns);
  await apply(...functions);
  for (const { metadata } of functions as { metadata: { name: string } }[]) await untilReady(metadata.name, ns);
  await untilKeysKnown(since);
}, 400_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await revokeKey('E2EIMAGES');
  await kubectl(['delete', 'namespace', ns, '--wait=false']);
});

async function get<T>(name: string, query = ''): Promise<T> {
  const { status, body } = await call(name, ns, { path: `/a/b${query}` });
  expect([status, body], body).toEqual([200, body]);
  return JSON.parse(body) as T;
}

interface Invoked {
  payload: unknown;
  log: string;
  FunctionError?: string;
}

const aws = (...args: string[]): Promise<string> => awsLambda(key, ...args);

/** `aws lambda invoke`, with the tail of the log. */
async function invoke(name: string, payload: object): Promise<Invoked> {
  const out = path.join(folder, 'out.json');
  const options = ['--log-type', 'Tail', '--payload', JSON.stringify(payload)];
  const said = JSON.parse(await aws('invoke', '--function-name', name, ...options, out)) as { LogResult: string; FunctionError?: string };
  return { ...said, payload: JSON.parse(readFileSync(out, 'utf8')), log: Buffer.from(said.LogResult, 'base64').toString() };
}

describe('Lambda container images, as they are', () => {
  it.each<LambdaImage>(images)('%s answers a request that finds no pod', async (image) => {
    const answer = await get<{ path?: string; event?: { rawPath: string } }>(image);
    expect(answer.path ?? answer.event?.rawPath).toBe('/a/b');
  });

  it.each<[LambdaImage, RegExp[]]>([
    ['python', [/^START RequestId: \S+ Version: \$LATEST$/m, /^line \d+$/m, /^error line \d+$/m, /^REPORT .*Max Memory Used: [1-9]/m]],
    ['aws', [/^line \d+$/m, /^REPORT /m]],
    ['scratch', [/^line \d+$/m, /^REPORT .*Max Memory Used: [1-9]/m]],
    ['musl', [/^musl got 14 bytes$/m, /^REPORT /m]],
  ])('%s is invoked by the AWS CLI, which shows the end of the log', { timeout: 60_000 }, async (image, lines) => {
    const { payload, log, FunctionError } = await invoke(image, { a: ['ä', 1] });
    expect([FunctionError, (payload as { event: unknown }).event]).toEqual([undefined, { a: ['ä', 1] }]);
    for (const line of lines) expect(log).toMatch(line);
  });

  it('has the image’s environment and Lambda’s, and none of Lull’s', async () => {
    const { env, cwd, uid, argv } = await get<{ env: Record<string, string>; cwd: string; uid: number; argv: string[] }>(
      'python',
      '?do=environment',
    );
    expect([cwd, uid, argv.at(-1)]).toEqual(['/function', 10_001, 'app.handler']);
    expect(env).toMatchObject({
      GREETING: 'hello',
      NODE_OPTIONS: '--require /nowhere.js',
      _HANDLER: 'app.handler',
      AWS_LAMBDA_FUNCTION_NAME: 'python',
    });
    expect(env['PATH']).toMatch(/^[^:]*:\/usr\/local\/sbin:\/usr\/local\/bin/);
    expect(Object.keys(env).filter((name) => /^(LULL_|LD_)/.test(name))).toEqual([]);
  });

  it('lets the handler write to /tmp and start programs', async () => {
    expect(await get('python', '?do=write')).toBe(1_000_000);
    expect(await get('aws', '?do=child')).toBe('Linux\n');
  });

  it('finds another folder for temporary files where the image has no /tmp, and a /tmp on a volume', async () => {
    expect(await get('scratch', '?do=write')).toMatch(/^\/dev\/shm\//);
    expect(await get('volume', '?do=write')).toMatch(/^\/tmp\//);
    expect(await must(['logs', '-n', ns, '-l', 'lull.dev/function=scratch', '--tail=-1', '-c', 'function'])).toContain(
      'the image has no /tmp to write to',
    );
  });

  it('takes another command from spec.handler', async () => {
    expect((await call('other', ns)).body).toBe('the other handler');
  });

  it('ends a process at the timeout, and one that crashes, and starts another in the same container', { timeout: 60_000 }, async () => {
    expect(await get('short')).toMatchObject({ calls: 1 });
    const [pod] = await podsOf('short', ns);
    expect((await call('short', ns, { path: '/?do=sleep&seconds=30' })).status).toBe(504);
    expect(await get('short')).toMatchObject({ calls: 1 });
    const late = await invoke('short', { do: 'sleep', seconds: 30 });
    expect([late.FunctionError, late.payload]).toEqual([
      'Unhandled',
      { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('timed out after 2.00') },
    ]);
    expect(late.log).toMatch(/^sleeping$/m);
    expect((await call('short', ns, { path: '/?do=leave&code=3' })).status).toBe(502);
    expect(await get('short')).toMatchObject({ calls: 1 });
    const view = await getJson<{ status: { containerStatuses: { restartCount: number }[] } }>(['pod', pod?.metadata.name ?? '', '-n', ns]);
    expect(view.status.containerStatuses.map(({ restartCount }) => restartCount)).toEqual([0, 0]);
  });

  it('serves again after code has ended every process of its pod', { timeout: 120_000 }, async () => {
    await get('aws');
    const before = (await podsOf('aws', ns)).map(({ metadata }) => metadata.name);
    expect((await call('aws', ns, { path: '/?do=kill_all' })).status).toBeGreaterThanOrEqual(500);
    await until(
      'another pod, which answers',
      async () => {
        const pods = (await podsOf('aws', ns)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        if (pods.length === 0 || pods.some(({ metadata }) => before.includes(metadata.name))) return undefined;
        return (await call('aws', ns)).status === 200 ? true : undefined;
      },
      100_000,
      1000,
    );
  });

  it('is made a function by the AWS CLI', { timeout: 90_000 }, async () => {
    const { entryPoint, command: Command } = IMAGE_CONFIG.python;
    const config = JSON.stringify({ EntryPoint: entryPoint, Command, WorkingDirectory: '/function' });
    const image = ['--package-type', 'Image', '--code', `ImageUri=${imageName('python')}`, '--image-config', config];
    const made = JSON.parse(
      await aws('create-function', '--function-name', 'ByImage', '--role', 'arn:aws:iam::123456789012:role/x', ...image),
    ) as object;
    expect(made).toMatchObject({ PackageType: 'Image', State: 'Pending', ImageConfigResponse: { ImageConfig: { Command } } });
    await aws('wait', 'function-active-v2', '--function-name', 'ByImage');
    expect((await invoke('ByImage', { a: 1 })).payload).toMatchObject({ event: { a: 1 } });
    await aws('delete-function', '--function-name', 'ByImage');
  });

  it('says what to do when no registry tells what the image starts', { timeout: 120_000 }, async () => {
    await apply(lullFunction('unknown', ns, { code: { image: imageName('python') } }));
    const ready = await until(
      'a reason',
      async () => {
        const { status } = await getJson<LullFunctionView>(['fn', 'unknown', '-n', ns]);
        return status?.conditions?.find(
          ({ type, status: is, reason }) => type === 'Ready' && is === 'False' && reason.startsWith('Source'),
        );
      },
      100_000,
      1000,
    );
    expect(ready.message).toMatch(/testlambda-python:dev: .*give spec\.imageConfig\.entryPoint and \.command/);
  });
});
