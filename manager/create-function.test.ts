import { describe, expect, it } from 'vitest';
import type { LullFunction } from '../common/api/function.ts';
import type { Meant } from '../common/lambda-api/caller.ts';
import { applyCode, refetched, type S3Settings } from './apply-code.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { createdFrom } from './create-function.ts';
import { type CreateFunctionInput, readInput } from './inputs.ts';

const S3: S3Settings = { credentialsSecret: undefined, endpoint: undefined, region: undefined, forcePathStyle: false };
const MEANT: Meant = { namespace: 'shop', name: 'my-fn', bare: 'MyFn', given: 'MyFn', qualifier: '$LATEST', qualified: false, arn: 'arn' };
const NOW = new Date('2026-11-29T01:00:00.123Z');
const UPLOADED = { digest: 'a'.repeat(64), bytes: 7 };
const RIGHT = { FunctionName: 'MyFn', Role: 'r', Runtime: 'python3.11', Handler: 'a.b', Code: { ZipFile: '' } };
const created = (more: object, uploaded: typeof UPLOADED | 'none' = UPLOADED, s3 = S3): LullFunction =>
  createdFrom(
    readInput('createFunction', { ...RIGHT, ...more }) as CreateFunctionInput,
    MEANT,
    uploaded === 'none' ? undefined : uploaded,
    {
      runtimes: ['python3.11', 'provided.al2023'],
      s3,
    },
  );

describe('CreateFunction', () => {
  it('makes the least that says the same', () => {
    expect(created({})).toEqual({
      apiVersion: 'lull.dev/v1alpha1',
      kind: 'Function',
      metadata: {
        name: 'my-fn',
        namespace: 'shop',
        annotations: { 'lull.dev/lambda-name': 'MyFn', 'lull.dev/role': RIGHT.Role, 'lull.dev/code-size': `${'a'.repeat(64)} 7` },
      },
      spec: {
        protocol: 'lambda',
        runtime: 'python3.11',
        handler: 'a.b',
        // AWS's default.
        timeoutSeconds: 3,
        code: { archive: { url: `store:///${'a'.repeat(64)}`, sha256: 'a'.repeat(64), format: 'zip' } },
      },
    });
  });

  it('what is null or empty is as if it were not there', () => {
    const empty = {
      Environment: null,
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      Layers: [],
      Tags: {},
      DeadLetterConfig: {},
      SnapStart: { ApplyOn: 'None' },
    };
    expect(created(empty)).toEqual(created({}));
  });

  it('of an image', () => {
    const { Runtime: _runtime, Handler: _handler, ...rest } = RIGHT;
    const image = {
      ...rest,
      PackageType: 'Image',
      Code: { ImageUri: 'registry/x:1' },
      ImageConfig: { Command: ['a.b'], EntryPoint: [], WorkingDirectory: '/w' },
    };
    const { spec } = createdFrom(readInput('createFunction', image) as CreateFunctionInput, MEANT, undefined, {
      runtimes: [],
      s3: S3,
    });
    expect(spec).toEqual({
      protocol: 'lambda',
      timeoutSeconds: 3,
      code: { image: 'registry/x:1' },
      imageConfig: { command: ['a.b'], workingDirectory: '/w' },
    });
  });

  it.each([
    ['some/code.zip', {}],
    ['some/code.jar', { format: 'zip' }],
    ['some/code', { format: 'zip' }],
    ['some/code.tgz', {}],
  ])('of a bucket, key %s', (S3Key, format) => {
    const { spec } = created({ Code: { S3Bucket: 'bucket', S3Key } }, 'none');
    expect(spec.code).toEqual({ archive: { url: `s3://bucket/${S3Key}`, ...format } });
  });

  it('a bucket is read as the administrator says', () => {
    const { spec } = created({ Code: { S3Bucket: 'bucket', S3Key: 'a.zip' } }, 'none', {
      credentialsSecret: 's',
      endpoint: 'http://minio',
      region: 'x',
      forcePathStyle: true,
    });
    expect(spec.code.archive).toMatchObject({
      credentialsSecret: { name: 's' },
      s3: { endpoint: 'http://minio', region: 'x', forcePathStyle: true },
    });
  });
});

it.each([
  ['python3.11', 'python3.11'],
  ['provided.al2', 'provided.al2023'],
  ['provided', 'provided.al2023'],
  ['python3.12', undefined],
  ['providedx', undefined],
])('for the runtime %s: %s', (asked, chosen) => {
  const names = ['python3.11', 'provided.al2023'];
  if (chosen) expect(chooseRuntime(asked, names)).toBe(chosen);
  else expect(() => chooseRuntime(asked, names)).toThrow(/\[provided.al2023, python3.11\]/);
});

describe('changes', () => {
  const FN: LullFunction = {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: {
      name: 'f',
      resourceVersion: '7',
      annotations: { mine: 'stays', 'kubernetes.io/description': 'd', 'lull.dev/code-size': 'x 1' },
      labels: { a: 'b' },
    },
    spec: {
      runtime: 'python3.11',
      handler: 'a.b',
      code: { inline: { 'a.py': '' } },
      resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
      scale: { max: 3 },
    },
  };

  it('of nothing leave everything', () => expect(applyConfiguration(FN, {}, [])).toEqual(FN));

  it('leave what they do not name', () => {
    const changed = applyConfiguration(FN, { EphemeralStorage: { Size: 1024 }, Description: '', LoggingConfig: { LogFormat: 'JSON' } }, []);
    expect(changed).toEqual({
      ...FN,
      metadata: { ...FN.metadata, annotations: { mine: 'stays', 'lull.dev/code-size': 'x 1' } },
      spec: {
        ...FN.spec,
        logFormat: 'JSON',
        resources: { requests: { cpu: '1' }, limits: { memory: '1Gi', 'ephemeral-storage': '1024Mi' } },
      },
    });
  });

  it('an image’s command takes the place of the one before', () => {
    const image: LullFunction = {
      ...FN,
      spec: { code: { image: 'x' }, handler: 'old', imageConfig: { bridge: 'volume', entryPoint: ['e'] } },
    };
    expect(applyConfiguration(image, { ImageConfig: { Command: ['new'] } }, []).spec).toEqual({
      code: { image: 'x' },
      imageConfig: { bridge: 'volume', command: ['new'] },
    });
    const plain: LullFunction = { ...FN, spec: { code: { image: 'x' }, imageConfig: { entryPoint: ['e'] } } };
    expect(applyConfiguration(plain, { ImageConfig: {} }, []).spec).toEqual({ code: { image: 'x' } });
  });

  it('new code takes the place of the old, whatever that was, with what was known of its size', () => {
    const { metadata, spec } = applyCode(FN, { S3Bucket: 'bucket', S3Key: 'a.zip' }, undefined, S3);
    expect(spec.code).toEqual({ archive: { url: 's3://bucket/a.zip' } });
    expect(metadata.annotations).toEqual({ mine: 'stays', 'kubernetes.io/description': 'd' });
  });

  it('the same key again is fetched again: a deployment writes new code to it', () => {
    const updated = (fn: LullFunction): LullFunction =>
      refetched(fn, applyCode(fn, { S3Bucket: 'bucket', S3Key: 'a.zip' }, undefined, S3), NOW);
    const once = updated(FN);
    const again = updated(once);
    expect([once, again].map(({ metadata }) => metadata.annotations?.['lull.dev/refresh'])).toEqual([undefined, NOW.toISOString()]);
  });
});
