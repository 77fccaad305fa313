import { createHash } from 'node:crypto';
import { zipOf } from '../../support/zip.ts';
import type { Case, Expected } from './cases.ts';

/** A function's life by Lambda's API: made, changed, called in between, and deleted; and what is refused on the way. Runs in this order. */

const NAME = 'MadeByApi';
const ARN = `arn:aws:lambda:us-east-1:000000000000:function:${NAME}`;
const source = (version: number): string =>
  `import os\ndef handler(event, context):\n    return {'version': ${version}, 'stage': os.environ.get('STAGE')}\n`;
const FIRST = zipOf({ 'app.py': source(1) });
const SECOND = zipOf({ 'app.py': source(2) });
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');
const base64 = (bytes: Buffer): string => bytes.toString('base64');
const MIB50 = 52_428_800;

const RIGHT = { FunctionName: NAME, Role: 'arn:aws:iam::123456789012:role/any', Runtime: 'python3.11', Handler: 'app.handler' };
const refused = (status: number, error: string, messagePattern: string): Expected => ({ status, error, messagePattern });
const on = (name: string, operation: string, input: Record<string, unknown>, expect: Expected, more: Partial<Case> = {}): Case => ({
  name,
  operation,
  input: { FunctionName: NAME, ...input },
  expect,
  ...more,
});
const create = (name: string, input: Record<string, unknown>, expect: Expected, more: Partial<Case> = {}): Case =>
  on(name, 'CreateFunction', { ...RIGHT, FunctionName: 'refused', ...input }, expect, { zip: base64(FIRST), ...more });
const invoke = (name: string, json: unknown): Case =>
  on(name, 'Invoke', {}, { status: 200, executedVersion: '$LATEST', json }, { json: {} });
const INVALID = 'InvalidParameterValueException';

export const MANAGED_CASES: readonly Case[] = [
  create(
    'CreateFunction with a zip file',
    {
      FunctionName: NAME,
      Description: 'made by the table',
      Environment: { Variables: { STAGE: 'one' } },
      MemorySize: 200,
      Timeout: 10,
      Tags: { 'cost center': 'a/b' },
    },
    {
      status: 201,
      output: {
        FunctionName: NAME,
        FunctionArn: ARN,
        State: 'Pending',
        StateReasonCode: 'Creating',
        LastUpdateStatus: 'InProgress',
        CodeSha256: sha256(FIRST),
        CodeSize: FIRST.length,
        Runtime: 'python3.11',
        Handler: 'app.handler',
        Description: 'made by the table',
        Environment: { Variables: { STAGE: 'one' } },
        MemorySize: 200,
        Timeout: 10,
        Version: '$LATEST',
        PackageType: 'Zip',
      },
    },
  ),
  on('waiter function_active_v2', 'FunctionActiveV2', {}, { status: 200 }),
  invoke('what was made is called', { version: 1, stage: 'one' }),
  create(
    'CreateFunction of one that is there',
    { FunctionName: NAME },
    refused(409, 'ResourceConflictException', 'Function already exist: MadeByApi'),
  ),
  on(
    'UpdateFunctionCode',
    'UpdateFunctionCode',
    {},
    { status: 200, output: { State: 'Active', LastUpdateStatus: 'InProgress', CodeSha256: sha256(SECOND) } },
    {
      zip: base64(SECOND),
    },
  ),
  on('waiter function_updated_v2', 'FunctionUpdatedV2', {}, { status: 200 }),
  invoke('the new code is called', { version: 2, stage: 'one' }),
  on(
    'UpdateFunctionConfiguration',
    'UpdateFunctionConfiguration',
    { Environment: { Variables: { STAGE: 'two' } }, Timeout: 20 },
    { status: 200, output: { Timeout: 20, MemorySize: 200, Environment: { Variables: { STAGE: 'two' } } } },
  ),
  on('waiter function_updated_v2 after that', 'FunctionUpdatedV2', {}, { status: 200 }),
  invoke('the new environment is seen', { version: 2, stage: 'two' }),
  on(
    'UpdateFunctionConfiguration with an old RevisionId',
    'UpdateFunctionConfiguration',
    { Timeout: 5, RevisionId: '00000000-0000-0000-0000-000000000000' },
    refused(412, 'PreconditionFailedException', 'Revision Id'),
  ),
  on(
    'GetFunction of what was made',
    'GetFunction',
    {},
    {
      status: 200,
      output: {
        Configuration: { FunctionName: NAME, State: 'Active', LastUpdateStatus: 'Successful', CodeSize: SECOND.length },
        Code: { RepositoryType: 'Kubernetes' },
        Tags: { 'cost center': 'a/b' },
      },
    },
  ),
  on(
    'UpdateFunctionCode, DryRun',
    'UpdateFunctionCode',
    { DryRun: true },
    { status: 200, output: { FunctionName: NAME } },
    { zip: base64(FIRST) },
  ),
  on('UpdateFunctionCode with an image', 'UpdateFunctionCode', { ImageUri: 'x/y:1' }, refused(400, INVALID, 'packageType Zip')),
  on('UpdateFunctionCode with a version', 'UpdateFunctionCode', { Publish: true }, refused(400, INVALID, 'versions are not there'), {
    zip: base64(FIRST),
  }),
  // Tags, concurrency.
  { name: 'TagResource', operation: 'TagResource', input: { Resource: ARN, Tags: { a: 'b' } }, expect: { status: 204 } },
  {
    name: 'ListTags',
    operation: 'ListTags',
    input: { Resource: ARN },
    expect: { status: 200, output: { Tags: { a: 'b', 'cost center': 'a/b' } } },
  },
  { name: 'UntagResource', operation: 'UntagResource', input: { Resource: ARN, TagKeys: ['a'] }, expect: { status: 204 } },
  on(
    'PutFunctionConcurrency',
    'PutFunctionConcurrency',
    { ReservedConcurrentExecutions: 5 },
    { status: 200, output: { ReservedConcurrentExecutions: 5 } },
  ),
  on('GetFunctionConcurrency', 'GetFunctionConcurrency', {}, { status: 200, output: { ReservedConcurrentExecutions: 5 } }),
  on('DeleteFunctionConcurrency', 'DeleteFunctionConcurrency', {}, { status: 204 }),
  // What there is none of.
  on(
    'ListVersionsByFunction',
    'ListVersionsByFunction',
    {},
    { status: 200, output: { Versions: [{ Version: '$LATEST', FunctionArn: `${ARN}:$LATEST` }] } },
  ),
  on('ListAliases', 'ListAliases', {}, { status: 200, output: { Aliases: [] } }),
  on('GetAlias', 'GetAlias', { Name: 'prod' }, refused(404, 'ResourceNotFoundException', 'Cannot find alias arn: .*:MadeByApi:prod')),
  on('PublishVersion', 'PublishVersion', {}, refused(501, 'NotImplementedException', 'only \\$LATEST')),
  on('CreateAlias', 'CreateAlias', { Name: 'prod', FunctionVersion: '1' }, refused(501, 'NotImplementedException', 'only \\$LATEST')),
  on('GetPolicy', 'GetPolicy', {}, refused(404, 'ResourceNotFoundException', 'does not exist')),
  on(
    'AddPermission',
    'AddPermission',
    { StatementId: 's', Action: 'lambda:InvokeFunction', Principal: 's3.amazonaws.com' },
    refused(501, 'NotImplementedException', 'keys that the administrator issues'),
  ),
  on('RemovePermission', 'RemovePermission', { StatementId: 's' }, refused(404, 'ResourceNotFoundException', 'No policy')),
  on('GetFunctionUrlConfig', 'GetFunctionUrlConfig', {}, { status: 200, output: { AuthType: 'NONE' } }),
  on('GetFunctionEventInvokeConfig', 'GetFunctionEventInvokeConfig', {}, refused(404, 'ResourceNotFoundException', 'EventInvokeConfig')),
  on(
    'GetProvisionedConcurrencyConfig',
    'GetProvisionedConcurrencyConfig',
    { Qualifier: '$LATEST' },
    refused(404, 'ProvisionedConcurrencyConfigNotFoundException', 'No Provisioned'),
  ),
  {
    name: 'GetAccountSettings',
    operation: 'GetAccountSettings',
    expect: { status: 200, output: { AccountLimit: { CodeSizeZipped: MIB50 } } },
  },
  { name: 'ListLayers', operation: 'ListLayers', expect: { status: 200, output: { Layers: [] } } },
  { name: 'ListEventSourceMappings', operation: 'ListEventSourceMappings', expect: { status: 200, output: { EventSourceMappings: [] } } },
  // What cannot be made.
  create('CreateFunction without permission', {}, refused(403, 'AccessDeniedException', 'lambda:CreateFunction'), { key: 'one' }),
  create(
    'CreateFunction in another namespace',
    { FunctionName: 'refused.default' },
    refused(403, 'AccessDeniedException', 'lambda:CreateFunction'),
  ),
  create('CreateFunction with a wrong secret', {}, refused(403, 'InvalidSignatureException', 'does not match'), { key: 'wrong' }),
  create('CreateFunction of another runtime', { Runtime: 'python2.7' }, refused(400, INVALID, 'python2.7 at .runtime. .*python3.11')),
  create('CreateFunction with a timeout of 901 s', { Timeout: 901 }, refused(400, INVALID, 'less than or equal to 900')),
  create('CreateFunction with 10,241 MB', { MemorySize: 10_241 }, refused(400, INVALID, 'less than or equal to 10240')),
  create(
    'CreateFunction with 5 KB of variables',
    { Environment: { Variables: { LONG: 'x'.repeat(5000) } } },
    refused(400, INVALID, '4KB limit'),
  ),
  create(
    'CreateFunction with a layer',
    { Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:x:1'] },
    refused(400, INVALID, 'spec.layers'),
  ),
  create(
    'CreateFunction with a VPC',
    { VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] } },
    refused(400, INVALID, 'NetworkPolicies'),
  ),
  create('CreateFunction with a version', { Publish: true }, refused(400, INVALID, 'versions are not there')),
  create('CreateFunction with what is no zip file', {}, refused(400, INVALID, 'Could not unzip uploaded file'), {
    zip: base64(Buffer.from('hello')),
  }),
  create('CreateFunction with 50 MB and a byte', {}, refused(413, 'RequestEntityTooLargeException', 'smaller than 69905067 bytes'), {
    zip: undefined,
    zipBytes: MIB50 + 1,
  }),
  create(
    'nothing was made of these',
    {},
    { ...refused(404, 'ResourceNotFoundException', 'Function not found') },
    { operation: 'GetFunction', input: { FunctionName: 'refused' }, zip: undefined },
  ),
  on(
    'UpdateFunctionConfiguration of none',
    'UpdateFunctionConfiguration',
    { FunctionName: 'nothing', Timeout: 5 },
    refused(404, 'ResourceNotFoundException', 'Function not found'),
  ),
  // Its end.
  on('DeleteFunction of a version', 'DeleteFunction', { Qualifier: '3' }, refused(404, 'ResourceNotFoundException', ':3')),
  on('DeleteFunction', 'DeleteFunction', {}, { status: 204 }),
  on('GetFunction of what was deleted', 'GetFunction', {}, refused(404, 'ResourceNotFoundException', 'Function not found')),
  on('DeleteFunction once more', 'DeleteFunction', {}, refused(404, 'ResourceNotFoundException', 'Function not found')),
];
