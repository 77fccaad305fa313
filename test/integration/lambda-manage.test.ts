import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LullFunction } from '../../common/api/function.ts';
import { ManagerRig, READER } from '../../manager/testing/manager-rig.ts';
import type { Answer } from '../support/http.ts';
import { zipOf } from '../support/zip.ts';
import { apiServerBinary } from './apiserver.ts';

const binary = apiServerBinary();
if (!binary)
  console.log('not run here: functions made by Lambda’s API on a real API server, whose binary is not in the cache (make up builds it)');

const FUNCTIONS = '/2015-03-31/functions';
const ZIP = zipOf({ 'app.py': 'def handler(event, context):\n    return event\n' });
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes);
const RIGHT = {
  Role: 'arn:aws:iam::123456789012:role/any',
  Runtime: 'python3.11',
  Handler: 'app.handler',
  Code: { ZipFile: ZIP.toString('base64') },
};
const json = ({ body }: Answer): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;

describe.skipIf(!binary)('functions made by Lambda’s API', () => {
  const rig = new ManagerRig(binary ?? '');
  beforeAll(() => rig.start(), 90_000);
  afterAll(() => rig.close());

  const object = async (name: string, namespace = 'shop'): Promise<LullFunction> =>
    (await rig.transport.request('GET', `/apis/lull.dev/v1alpha1/namespaces/${namespace}/functions/${name}`)).body as LullFunction;
  const create = (FunctionName: string, more: object = {}) => rig.send('POST', FUNCTIONS, { body: { FunctionName, ...RIGHT, ...more } });
  const made = async (name: string, more: object = {}): Promise<Record<string, unknown>> => {
    const answer = await create(name, more);
    expect([answer.status, answer.body]).toEqual([201, expect.stringContaining('FunctionArn')]);
    return json(answer);
  };
  /** As the operator writes it. */
  const setStatus = async (name: string, revision: string) => {
    const fn = await object(name);
    const condition = {
      type: 'RevisionReady',
      status: 'True',
      reason: 'AtZero',
      message: 'at zero',
      lastTransitionTime: new Date().toISOString(),
    };
    const status = {
      observedGeneration: fn.metadata.generation ?? 0,
      activeRevision: revision,
      latestRevision: revision,
      conditions: [condition],
    };
    await rig.transport.request('PUT', `/apis/lull.dev/v1alpha1/namespaces/shop/functions/${name}/status`, { body: { ...fn, status } });
  };

  it('a zip file goes into the store, and the Function says which', async () => {
    const told = await made('MyFunction', {
      Description: 'what it is for',
      Environment: { Variables: { STAGE: 'prod' } },
      MemorySize: 1024,
      EphemeralStorage: { Size: 600 },
      LoggingConfig: { LogFormat: 'JSON' },
      Tags: { 'team name': 'a b' },
      Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
    });
    expect(told).toMatchObject({
      FunctionName: 'MyFunction',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:MyFunction',
      Runtime: 'python3.11',
      Handler: 'app.handler',
      CodeSize: ZIP.length,
      CodeSha256: sha256(ZIP).digest('base64'),
      Description: 'what it is for',
      Timeout: 3,
      MemorySize: 1024,
      Version: '$LATEST',
      Environment: { Variables: { STAGE: 'prod' } },
      State: 'Pending',
      StateReasonCode: 'Creating',
      LastUpdateStatus: 'InProgress',
      PackageType: 'Zip',
      EphemeralStorage: { Size: 600 },
      LoggingConfig: { LogFormat: 'JSON' },
    });
    const digest = sha256(ZIP).digest('hex');
    expect(rig.blob(digest).equals(ZIP)).toBe(true);
    expect((await object('my-function')).spec).toMatchObject({
      runtime: 'python3.11',
      handler: 'app.handler',
      protocol: 'lambda',
      timeoutSeconds: 3,
      env: [{ name: 'STAGE', value: 'prod' }],
      resources: { limits: { memory: '1024Mi', 'ephemeral-storage': '600Mi' } },
      logFormat: 'JSON',
      code: { archive: { url: `store:///${digest}`, sha256: digest, format: 'zip' } },
    });
    const read = json(await rig.send('GET', `${FUNCTIONS}/MyFunction`));
    expect(read).toMatchObject({
      Configuration: { FunctionName: 'MyFunction', CodeSize: ZIP.length },
      Code: { RepositoryType: 'Kubernetes', Location: `store:///${digest}` },
      Tags: { 'team name': 'a b' },
    });
    expect(json(await rig.send('GET', `${FUNCTIONS}/my-function/configuration`))).toMatchObject({ FunctionName: 'MyFunction' });
  });

  it('waiters see it become active, and updated', async () => {
    await made('waited');
    await setStatus('waited', 'waited-1');
    expect(json(await rig.send('GET', `${FUNCTIONS}/waited/configuration`))).toMatchObject({
      State: 'Active',
      LastUpdateStatus: 'Successful',
    });
    const other = zipOf({ 'app.py': 'x = 2' });
    const updated = json(await rig.send('PUT', `${FUNCTIONS}/waited/code`, { body: { ZipFile: other.toString('base64') } }));
    expect(updated).toMatchObject({
      State: 'Active',
      LastUpdateStatus: 'InProgress',
      CodeSize: other.length,
      CodeSha256: sha256(other).digest('base64'),
    });
    await setStatus('waited', 'waited-2');
    expect(json(await rig.send('GET', `${FUNCTIONS}/waited/configuration`))).toMatchObject({ LastUpdateStatus: 'Successful' });
  });

  it('configuration: what is said is changed, the rest stays, and what comes from Secrets, too', async () => {
    await made('configured', { Environment: { Variables: { OLD: '1' } }, MemorySize: 300, Timeout: 7, Description: 'd' });
    const fn = await object('configured');
    fn.spec.env?.push({ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } });
    await rig.transport.request('PUT', '/apis/lull.dev/v1alpha1/namespaces/shop/functions/configured', { body: fn });
    const before = json(await rig.send('GET', `${FUNCTIONS}/configured/configuration`));
    const told = json(
      await rig.send('PUT', `${FUNCTIONS}/configured/configuration`, {
        body: { Timeout: 9, Environment: { Variables: { NEW: '2' } }, Description: '' },
      }),
    );
    expect(told).toMatchObject({
      Timeout: 9,
      MemorySize: 300,
      Description: '',
      Environment: { Variables: { NEW: '2' } },
      CodeSha256: before['CodeSha256'],
    });
    expect(told['RevisionId']).not.toBe(before['RevisionId']);
    expect((await object('configured')).spec.env?.map(({ name }) => name)).toEqual(['NEW', 'PASSWORD']);
  });

  it('memory is the Runtime’s where nothing is said', async () => {
    expect(await made('remembers')).toMatchObject({ MemorySize: 512, EphemeralStorage: { Size: 512 } });
  });

  it('a RevisionId must be of what is there; the status does not change it', async () => {
    const { RevisionId } = await made('revised');
    await setStatus('revised', 'revised-1');
    const update = (body: object) => rig.send('PUT', `${FUNCTIONS}/revised/configuration`, { body });
    const first = await update({ RevisionId, Timeout: 5 });
    expect(first.status).toBe(200);
    const late = await update({ RevisionId, Timeout: 6 });
    expect([late.status, late.headers['x-amzn-errortype']]).toEqual([412, 'PreconditionFailedException']);
    expect((await update({ RevisionId: json(first)['RevisionId'], Timeout: 6 })).status).toBe(200);
  });

  it('many changes at once: none is lost', async () => {
    await made('busy');
    const tag = (i: number) =>
      rig.send('POST', `/2017-03-31/tags/${encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:busy')}`, {
        body: { Tags: { [`t${i}`]: 'x' } },
      });
    expect((await Promise.all([1, 2, 3].map(tag))).map(({ status }) => status)).toEqual([204, 204, 204]);
    const gone = await rig.send(
      'DELETE',
      `/2017-03-31/tags/${encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:busy')}?tagKeys=t1&tagKeys=t9`,
    );
    expect(gone.status).toBe(204);
    const { Tags } = json(
      await rig.send('GET', `/2017-03-31/tags/${encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:busy')}`),
    );
    expect(Tags).toEqual({ t2: 'x', t3: 'x' });
  });

  it('from a bucket, and from an image', async () => {
    const from = { Code: { S3Bucket: 'a-bucket', S3Key: 'some/code' } };
    await made('from-s3', from);
    expect((await object('from-s3')).spec.code).toEqual({
      archive: {
        url: 's3://a-bucket/some/code',
        format: 'zip',
        credentialsSecret: { name: 's3-credentials' },
        s3: { endpoint: 'http://minio:9000', forcePathStyle: true },
      },
    });
    expect(json(await rig.send('GET', `${FUNCTIONS}/from-s3`))).toMatchObject({
      Code: { RepositoryType: 'S3', Location: 's3://a-bucket/some/code' },
    });
    await setStatus('from-s3', 'from-s3-1');
    const again = json(await rig.send('PUT', `${FUNCTIONS}/from-s3/code`, { body: from.Code }));
    expect(again).toMatchObject({ State: 'Active', LastUpdateStatus: 'InProgress' });
  });

  it('concurrency: 0 stops, a number bounds the pods, and it can be taken back', async () => {
    await made('bounded');
    const url = '/2017-10-31/functions/bounded/concurrency';
    const get = async () => json(await rig.send('GET', '/2019-09-30/functions/bounded/concurrency'));
    expect(await get()).toEqual({});
    expect(json(await rig.send('PUT', url, { body: { ReservedConcurrentExecutions: 7 } }))).toEqual({ ReservedConcurrentExecutions: 7 });
    expect(await get()).toEqual({ ReservedConcurrentExecutions: 7 });
    expect((await object('bounded')).spec.scale?.max).toBe(7);
    await rig.send('PUT', url, { body: { ReservedConcurrentExecutions: 0 } });
    expect((await object('bounded')).spec.replicas).toBe(0);
    expect(json(await rig.send('GET', `${FUNCTIONS}/bounded`))).toMatchObject({ Concurrency: { ReservedConcurrentExecutions: 0 } });
    expect((await rig.send('DELETE', url)).status).toBe(204);
    expect(await get()).toEqual({});
    expect((await object('bounded')).spec.replicas).toBeUndefined();
  });

  it('is listed, counted, deleted, and made again', async () => {
    await made('gone');
    const { Functions } = json(await rig.send('GET', `${FUNCTIONS}?MaxItems=1000`)) as { Functions: { FunctionName: string }[] };
    expect(Functions.map(({ FunctionName }) => FunctionName)).toContain('gone');
    const { AccountUsage } = json(await rig.send('GET', '/2016-08-19/account-settings')) as { AccountUsage: { FunctionCount: number } };
    expect(AccountUsage.FunctionCount).toBe(Functions.length);
    expect((await rig.send('DELETE', `${FUNCTIONS}/gone`)).status).toBe(204);
    expect((await rig.send('DELETE', `${FUNCTIONS}/gone`)).status).toBe(404);
    await made('gone');
  });

  it('names that differ at their end only are functions of their own', async () => {
    const [one, two] = ['A', 'B'].map((end) => `checkout-service-production-eu-central-1-OrderConfirmationFn${end.repeat(4)}`) as [
      string,
      string,
    ];
    await made(one);
    expect((await rig.send('GET', `${FUNCTIONS}/${two}/configuration`)).status).toBe(404);
    await made(two);
    expect((await rig.send('DELETE', `${FUNCTIONS}/${two}`)).status).toBe(204);
    expect(json(await rig.send('GET', `${FUNCTIONS}/${one}/configuration`))).toMatchObject({ FunctionName: one });
    const tooLong = await create(`${one}A`);
    expect([tooLong.status, tooLong.body]).toEqual([400, expect.stringContaining('less than or equal to 64')]);
  });

  it('names that are one in Kubernetes are not taken for one another', async () => {
    await made('OneName');
    for (const [method, path] of [
      ['GET', '/configuration'],
      ['DELETE', ''],
    ] as const)
      expect((await rig.send(method, `${FUNCTIONS}/one_name${path}`)).status).toBe(404);
    expect((await create('one_name')).body).toContain('in Kubernetes it would be one-name, as OneName is');
    expect((await rig.send('GET', `${FUNCTIONS}/one-name/configuration`)).status).toBe(200);
  });

  it('variables are what was sent, whatever the kubelet makes of dollars, and so is the role', async () => {
    const Variables = { U_A: '1', U_B: '$(U_A) $$X $U_A $' };
    const told = await made('dollars', { Environment: { Variables }, Role: 'arn:aws:iam::123456789012:role/own' });
    expect(told).toMatchObject({ Environment: { Variables }, Role: 'arn:aws:iam::123456789012:role/own' });
    expect((await object('dollars')).spec.env?.[1]?.value).toBe('$$(U_A) $$$$X $$U_A $$');
  });

  it('DryRun checks, and changes nothing', async () => {
    await made('dry');
    const before = await object('dry');
    const answer = await rig.send('PUT', `${FUNCTIONS}/dry/code`, { body: { S3Bucket: 'bucket', S3Key: 'a.zip', DryRun: true } });
    expect(answer.status).toBe(200);
    expect((await object('dry')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('50 MB pass in little memory; a byte more, and more uploads at once than may, are refused', { timeout: 60_000 }, async () => {
    const limit = 52_428_800;
    const almost = zipOf({ 'app.py': '', 'x.bin': randomBytes(limit - 50_000) });
    // A comment at its end makes it as long as may be.
    const comment = Buffer.alloc(limit - almost.length);
    almost.writeUInt16LE(comment.length, almost.length - 2);
    const most = Buffer.concat([almost, comment]);
    expect(most.length).toBe(limit);
    expect(await made('large', { Code: { ZipFile: most.toString('base64') } })).toMatchObject({ CodeSize: limit });
    const more = Buffer.concat([most, Buffer.from([0])]);
    const refused = await create('larger', { Code: { ZipFile: more.toString('base64') } });
    expect([refused.status, refused.headers['x-amzn-errortype'], refused.body]).toEqual([
      413,
      'RequestEntityTooLargeException',
      expect.stringContaining('Request must be smaller than 69905067 bytes for the CreateFunction operation'),
    ]);
    const many = await Promise.all([1, 2, 3].map((i) => create(`many-${i}`, { Code: { ZipFile: most.toString('base64') } })));
    expect(many.map(({ status }) => status).sort()).toEqual([201, 201, 429]);
    expect(readdirSync(rig.dir).filter((name) => name.startsWith('upload-'))).toEqual([]);
  });

  it('without the store nothing is made, and a client may try again', async () => {
    await rig.stopStore();
    const answer = await create('unstored', { Code: { ZipFile: zipOf({ 'app.py': 'x = 3' }).toString('base64') } });
    expect([answer.status, answer.headers['x-amzn-errortype'], answer.body]).toEqual([
      500,
      'ServiceException',
      expect.stringContaining('lull-store'),
    ]);
    expect((await rig.send('GET', `${FUNCTIONS}/unstored`)).status).toBe(404);
    await rig.startStore();
    await made('unstored');
  });

  const code = (Code: object) => ({ Code });
  const REFUSED: [string, object, number, string, RegExp][] = [
    ['a name twice', { FunctionName: 'waited' }, 409, 'ResourceConflictException', /Function already exist: waited/],
    ['a name of the same object', { FunctionName: 'Waited' }, 409, 'ResourceConflictException', /already exist/],
    ['a name that is none', { FunctionName: 'a b' }, 400, 'InvalidParameterValueException', /at 'functionName'/],
    ['no name', { FunctionName: undefined }, 400, 'InvalidParameterValueException', /Value null at 'functionName'.*must not be null/],
    ['another namespace than the key’s', { FunctionName: 'x.default' }, 403, 'AccessDeniedException', /lambda:CreateFunction/],
    ['a namespace that is not there', { FunctionName: 'x.nowhere' }, 404, 'ResourceNotFoundException', /nowhere/],
    ['no role', { Role: undefined }, 400, 'InvalidParameterValueException', /'role'/],
    ['no runtime', { Runtime: undefined }, 400, 'InvalidParameterValueException', /'runtime'/],
    [
      'another runtime',
      { Runtime: 'python2.7' },
      400,
      'InvalidParameterValueException',
      /python2.7 at 'runtime'.*\[provided, python3.11\]/,
    ],
    ['a handler that is none', { Handler: 'a b' }, 400, 'InvalidParameterValueException', /spec.handler must be/],
    ['no code', code({}), 400, 'InvalidParameterValueException', /provide a source for function code/],
    ['two sources', code({ ZipFile: 'aGk=', S3Bucket: 'bbb', S3Key: 'k' }), 400, 'InvalidParameterValueException', /one source/],
    ['a bucket without a key', code({ S3Bucket: 'bbb' }), 400, 'InvalidParameterValueException', /go together/],
    ['a bucket’s name that is none', code({ S3Bucket: 'b', S3Key: 'k' }), 400, 'InvalidParameterValueException', /'code.s3Bucket'/],
    [
      'a version of an object',
      code({ S3Bucket: 'bbb', S3Key: 'k', S3ObjectVersion: '7' }),
      400,
      'InvalidParameterValueException',
      /S3ObjectVersion/,
    ],
    ['an empty zip file', code({ ZipFile: '' }), 400, 'InvalidParameterValueException', /non-empty zip/],
    ['a zip file that is none', code({ ZipFile: 'aGVsbG8=' }), 400, 'InvalidParameterValueException', /Could not unzip uploaded file/],
    ['a zip file that is not base64', code({ ZipFile: '***' }), 400, 'SerializationException', /not base64/],
    ['an image of type Zip', code({ ImageUri: 'x/y:1' }), 400, 'InvalidParameterValueException', /PackageType to Image/],
    ['a zip of type Image', { PackageType: 'Image' }, 400, 'InvalidParameterValueException', /ImageUri/],
    [
      'a timeout that is too long',
      { Timeout: 901 },
      400,
      'InvalidParameterValueException',
      /'901' at 'timeout'.*less than or equal to 900/,
    ],
    ['a timeout that is text', { Timeout: 'x' }, 400, 'SerializationException', /STRING_VALUE can not be converted to/],
    ['too little memory', { MemorySize: 64 }, 400, 'InvalidParameterValueException', /'memorySize'.*128/],
    ['too little storage', { EphemeralStorage: { Size: 1 } }, 400, 'InvalidParameterValueException', /'ephemeralStorage.size'.*512/],
    [
      'a reserved variable',
      { Environment: { Variables: { AWS_LAMBDA_RUNTIME_API: 'x' } } },
      400,
      'InvalidParameterValueException',
      /reserved/,
    ],
    [
      'a variable’s name that is none',
      { Environment: { Variables: { '1x': 'x' } } },
      400,
      'InvalidParameterValueException',
      /Map keys must satisfy/,
    ],
    [
      'more than 4 KB of variables',
      { Environment: { Variables: { LONG: 'x'.repeat(4096) } } },
      400,
      'InvalidParameterValueException',
      /4KB limit/,
    ],
    ['layers', { Layers: ['arn:aws:lambda:us-east-1:1:layer:x:1'] }, 400, 'InvalidParameterValueException', /spec.layers/],
    ['a VPC', { VpcConfig: { SubnetIds: ['s'] } }, 400, 'InvalidParameterValueException', /NetworkPolicies/],
    ['dead letters', { DeadLetterConfig: { TargetArn: 'x' } }, 400, 'InvalidParameterValueException', /DeadLetterConfig/],
    [
      'a log level',
      { LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'ERROR' } },
      400,
      'InvalidParameterValueException',
      /ApplicationLogLevel/,
    ],
    [
      'another architecture',
      { Architectures: [process.arch === 'arm64' ? 'x86_64' : 'arm64'] },
      400,
      'InvalidParameterValueException',
      /this cluster runs/,
    ],
    ['a version', { Publish: true }, 400, 'InvalidParameterValueException', /versions are not there/],
    ['what is not known', { Sauce: 'x' }, 400, 'InvalidParameterValueException', /Sauce is not known/],
  ];
  it.each(REFUSED)('CreateFunction with %s is refused', async (_what, more, status, code, message) => {
    const answer = await create('refused', more);
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([status, code]);
    expect(answer.body).toMatch(message);
    expect((await rig.send('GET', `${FUNCTIONS}/refused`)).status).toBe(404);
    expect(rig.errors).toEqual([]);
  });

  const ARN = encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:waited');
  const OTHERS: [string, () => Promise<Answer>, number, string | undefined, RegExp][] = [
    [
      'an update of none',
      () => rig.send('PUT', `${FUNCTIONS}/none/code`, { body: { S3Bucket: 'bbb', S3Key: 'k' } }),
      404,
      'ResourceNotFoundException',
      /function:none/,
    ],
    [
      'an image for a zip',
      () => rig.send('PUT', `${FUNCTIONS}/waited/code`, { body: { ImageUri: 'x' } }),
      400,
      'InvalidParameterValueException',
      /packageType Zip/,
    ],
    [
      'an update to another runtime',
      () => rig.send('PUT', `${FUNCTIONS}/waited/configuration`, { body: { Runtime: 'cobol' } }),
      400,
      'InvalidParameterValueException',
      /cobol/,
    ],
    [
      'a body that is no JSON',
      () => rig.send('PUT', `${FUNCTIONS}/waited/configuration`, { body: '{' }),
      400,
      'SerializationException',
      /parse/,
    ],
    ['deleting a version', () => rig.send('DELETE', `${FUNCTIONS}/waited?Qualifier=3`), 404, 'ResourceNotFoundException', /waited:3/],
    [
      'deleting $LATEST',
      () => rig.send('DELETE', `${FUNCTIONS}/waited?Qualifier=%24LATEST`),
      400,
      'InvalidParameterValueException',
      /LATEST version cannot be deleted/,
    ],
    [
      'whoever may only read',
      () => rig.send('DELETE', `${FUNCTIONS}/r-1`, { credentials: READER }),
      403,
      'AccessDeniedException',
      /lambda:DeleteFunction/,
    ],
    [
      'whoever may only read others',
      () => rig.send('GET', `${FUNCTIONS}/waited`, { credentials: READER }),
      403,
      'AccessDeniedException',
      /lambda:GetFunction/,
    ],
    [
      'a wrong secret',
      () => rig.send('GET', FUNCTIONS, { credentials: { id: 'ALLKEY', secret: 'x' } }),
      403,
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'PublishVersion',
      () => rig.send('POST', `${FUNCTIONS}/waited/versions`, { body: {} }),
      501,
      'NotImplementedException',
      /only \$LATEST/,
    ],
    ['AddPermission', () => rig.send('POST', `${FUNCTIONS}/waited/policy`, { body: {} }), 501, 'NotImplementedException', /keys/],
    ['GetPolicy', () => rig.send('GET', `${FUNCTIONS}/waited/policy`), 404, 'ResourceNotFoundException', /does not exist/],
    ['RemovePermission', () => rig.send('DELETE', `${FUNCTIONS}/waited/policy/s`), 404, 'ResourceNotFoundException', /No policy/],
    [
      'GetAlias',
      () => rig.send('GET', `${FUNCTIONS}/waited/aliases/prod`),
      404,
      'ResourceNotFoundException',
      /Cannot find alias arn: .*:waited:prod/,
    ],
    ['DeleteAlias', () => rig.send('DELETE', `${FUNCTIONS}/waited/aliases/prod`), 204, undefined, /^$/],
    ['ListAliases', () => rig.send('GET', `${FUNCTIONS}/waited/aliases`), 200, undefined, /^\{"Aliases":\[\]\}$/],
    [
      'ListVersionsByFunction',
      () => rig.send('GET', `${FUNCTIONS}/waited/versions`),
      200,
      undefined,
      /"FunctionArn":"[^"]*:waited:\$LATEST"/,
    ],
    ['ListLayers', () => rig.send('GET', '/2018-10-31/layers'), 200, undefined, /^\{"Layers":\[\]\}$/],
    ['an unknown operation', () => rig.send('PUT', `${FUNCTIONS}/waited/whatever`), 404, 'UnknownOperationException', /whatever/],
    ['tags of none', () => rig.send('GET', `/2017-03-31/tags/${ARN}x`), 404, 'ResourceNotFoundException', /waitedx/],
    ['no tag to remove', () => rig.send('DELETE', `/2017-03-31/tags/${ARN}`), 400, 'InvalidParameterValueException', /tagKeys/],
  ];
  it.each(OTHERS)('%s is answered as it should be', async (_what, run, status, code, message) => {
    const answer = await run();
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([status, code]);
    expect(answer.body).toMatch(message);
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
