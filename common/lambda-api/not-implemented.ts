import { AwsError } from './aws-error.ts';

const VERSIONS = 'versions and aliases are not there, only $LATEST';
const QUEUE = 'asynchronous invocations need a durable queue, which comes later';
const KEYS = 'who may call what is said by the keys that the administrator issues (docs/guides/lambda-api.md)';
const WARM = 'spec.scale.min of the Function keeps pods that are up (kubectl explain function.spec.scale)';
const URL =
  'every function answers HTTP at the address in its status, without a signature (GetFunctionUrlConfig tells it); spec.cors says what browsers may do';

/** Why an operation is not served, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  PublishVersion: VERSIONS,
  CreateAlias: VERSIONS,
  AddPermission: KEYS,
  PutFunctionEventInvokeConfig: QUEUE,
  UpdateFunctionEventInvokeConfig: QUEUE,
  InvokeAsync: QUEUE,
  PutProvisionedConcurrencyConfig: WARM,
  PublishLayerVersion: 'layers are named by their sources in spec.layers of a Function, not kept under ARNs',
  CreateEventSourceMapping: 'event sources are not there: something that calls Invoke must poll them',
  CreateFunctionUrlConfig: URL,
  UpdateFunctionUrlConfig: URL,
  DeleteFunctionUrlConfig: URL,
};

/** Operations that lull-manager serves where it is installed (manager/write-operations.ts). */
const MANAGED = new Set([
  'CreateFunction',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
  'DeleteFunction',
  'TagResource',
  'UntagResource',
  'PutFunctionConcurrency',
  'DeleteFunctionConcurrency',
  'UpdateAlias',
  'DeleteAlias',
  'RemovePermission',
  'DeleteFunctionEventInvokeConfig',
]);

export function notImplemented(operation: string): AwsError {
  const instead = MANAGED.has(operation)
    ? "this installation's functions are made and changed with kubectl (kubectl explain function.spec), or by this API where the administrator sets activator.lambdaApi.manage.enabled"
    : (INSTEAD[operation] ?? 'functions are Function objects of Kubernetes (kubectl explain function.spec)');
  return new AwsError('NotImplementedException', `${operation} is not served by Lull: ${instead}.`);
}
