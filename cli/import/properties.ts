/** What properties of a Lambda function that a Function has no place for mean here: one sentence each, used for SAM, CloudFormation and Serverless alike. */

const ROLE =
  'a pod has no AWS role: code that calls AWS needs keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION) in spec.env, by secretKeyRef from a Secret';
const ASYNC = 'there are no asynchronous calls: the caller gets the error itself, and repeats and keeps what failed';
const VERSIONS = 'Lull makes a revision of each change and moves to it once it runs: nothing to do';

/** By AWS's name of the property. `lost` is what has to be replaced by something; `hint` what needs nothing. */
export const PROPERTIES: ReadonlyMap<string, readonly ['lost' | 'hint', string]> = new Map([
  ['Layers', ['lost', "copy the layers' files beside the handler, or add a Runtime whose image has them"]],
  [
    'VpcConfig',
    [
      'lost',
      "a pod is in the cluster's network: what the VPC let it reach must be reachable from the nodes; security groups become NetworkPolicies",
    ],
  ],
  ['Role', ['lost', ROLE]],
  ['Policies', ['lost', ROLE]],
  ['AssumeRolePolicyDocument', ['hint', ROLE]],
  ['PermissionsBoundary', ['hint', 'a pod has no AWS role']],
  ['Tracing', ['lost', 'X-Ray is not written to: Lull hands the traceparent header on']],
  ['TracingConfig', ['lost', 'X-Ray is not written to: Lull hands the traceparent header on']],
  ['DeadLetterQueue', ['lost', ASYNC]],
  ['DeadLetterConfig', ['lost', ASYNC]],
  ['EventInvokeConfig', ['lost', ASYNC]],
  ['FileSystemConfigs', ['lost', 'no volumes are mounted: keep the files in a store that is reached by network']],
  ['KmsKeyArn', ['hint', 'variables are kept as the cluster keeps its objects: put secrets into Secrets']],
  ['AutoPublishAlias', ['hint', VERSIONS]],
  ['AutoPublishAliasAllProperties', ['hint', VERSIONS]],
  ['VersionDescription', ['hint', VERSIONS]],
  ['DeploymentPreference', ['lost', 'traffic is not shifted in steps: Lull moves to a new revision once it runs']],
  ['SnapStart', ['hint', 'no snapshots: spec.scale.min keeps pods up, where a cold start is too slow']],
  ['LoggingConfig', ['hint', 'logs are those of the pods (kubectl logs -l lull.dev/function=NAME), each line with its time and request']],
  ['CodeSigningConfigArn', ['hint', 'code is not signed: it is in the Function']],
  ['RuntimeManagementConfig', ['hint', "the runtime's version is that of the Runtime's image"]],
  [
    'ImageConfig',
    ['lost', "the image's own entry point and command are run: write others to spec.imageConfig (entryPoint, command, workingDirectory)"],
  ],
  ['Architectures', ['hint', "pods run where their image does: the nodes' architecture decides"]],
  ['RecursiveLoop', ['hint', 'calls that go round in a circle are not seen']],
  ['Description', ['hint', 'write it to metadata.annotations, if it is to be kept']],
  [
    'FunctionName',
    ['hint', "the Function is called after its name in the template; code that calls it by AWS's Invoke API calls it by that"],
  ],
  ['Tags', ['hint', 'write them to metadata.labels, if they are to be kept']],
  ['PropagateTags', ['hint', 'write tags to metadata.labels, if they are to be kept']],
  ['DurableConfig', ['lost', 'executions are not kept: keep the state in a store of your own']],
  ['CapacityProviderConfig', ['hint', "pods run on the cluster's nodes"]],
  ['TenancyConfig', ['lost', 'tenants are not kept apart: make one Function for each']],
]);

/** What an event source that is not HTTP means here, by SAM's type or by Serverless' key, in lower case. */
export const EVENTS: ReadonlyMap<string, string> = new Map([
  ...['schedule', 'schedulev2'].map((type): [string, string] => [
    type,
    'schedules are not carried over yet: call the function from a CronJob (curl http://NAME.NAMESPACE)',
  ]),
  ...[
    'sqs',
    'sns',
    'kinesis',
    'dynamodb',
    'stream',
    'msk',
    'kafka',
    'selfmanagedkafka',
    'mq',
    'activemq',
    'rabbitmq',
    'documentdb',
    'eventhub',
  ].map((type): [string, string] => [
    type,
    'queues and streams do not call functions yet: a consumer has to call http://NAME.NAMESPACE for each message',
  ]),
  ...['s3', 'eventbridgerule', 'eventbridge', 'cloudwatchevent', 'cloudwatchlogs', 'cloudwatchlog', 'iotrule', 'iot'].map(
    (type): [string, string] => [
      type,
      "AWS's events do not reach the cluster: whatever takes their place has to call http://NAME.NAMESPACE",
    ],
  ),
  ...['cognito', 'cognitouserpool', 'alexaskill', 'alexasmarthome', 'cloudfront', 'websocket', 'alb'].map((type): [string, string] => [
    type,
    'this caller is a service of AWS: it cannot call the function here',
  ]),
]);

/** Of a type that is not in the table. */
export const OTHER_EVENT = 'this kind of event is not carried over: something has to call http://NAME.NAMESPACE instead';
