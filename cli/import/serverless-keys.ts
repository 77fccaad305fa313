/** The keys of serverless.yml, by what becomes of them. */

/** Keys of a function, and of the provider, that are carried over, or say how. */
export const CARRIED = new Set([
  'handler',
  'runtime',
  'image',
  'memorySize',
  'timeout',
  'environment',
  'events',
  'url',
  'reservedConcurrency',
  'provisionedConcurrency',
  'ephemeralStorageSize',
  'name',
]);
/** Of the provider, what each function inherits. */
export const INHERITED = ['runtime', 'memorySize', 'timeout', 'environment', 'layers', 'vpc', 'tracing', 'architecture'];
export const PROVIDER_CARRIED = new Set([
  ...INHERITED,
  'name',
  'stage',
  'region',
  'stackName',
  'deploymentMethod',
  'deploymentBucket',
  'lambdaHashingVersion',
  'versionFunctions',
  'stackTags',
  'profile',
]);
/** Settings of the provider for what stands before functions on AWS. */
export const API_GATEWAY = new Set([
  'httpApi',
  'apiGateway',
  'apiName',
  'apiKeys',
  'endpointType',
  'alb',
  'websocket',
  'websocketsApiName',
  'eventBridge',
  'cloudFront',
]);
/** AWS's names of what Serverless calls otherwise. */
export const AWS_NAMES: ReadonlyMap<string, string> = new Map([
  ...['layers', 'role', 'tracing', 'description', 'tags', 'snapStart', 'kmsKeyArn'].map((name): [string, string] => [
    name,
    name[0]?.toUpperCase() + name.slice(1),
  ]),
  ['vpc', 'VpcConfig'],
  ['iamRoleStatements', 'Policies'],
  ['iam', 'Policies'],
  ['iamRoleStatementsName', 'Role'],
  ['onError', 'DeadLetterQueue'],
  ['destinations', 'EventInvokeConfig'],
  ['maximumRetryAttempts', 'EventInvokeConfig'],
  ['maximumEventAge', 'EventInvokeConfig'],
  ['fileSystemConfig', 'FileSystemConfigs'],
  ['architecture', 'Architectures'],
  ['logs', 'LoggingConfig'],
  ['logRetentionInDays', 'LoggingConfig'],
  ['awsKmsKeyArn', 'KmsKeyArn'],
  ['versionFunction', 'AutoPublishAlias'],
]);
/** Top-level keys that say nothing about functions. */
export const TOP_LEVEL = new Set([
  'service',
  'provider',
  'functions',
  'custom',
  'params',
  'frameworkVersion',
  'configValidationMode',
  'useDotenv',
  'org',
  'app',
  'variablesResolutionMode',
  'deprecationNotificationMode',
  'disabledDeprecations',
  'stages',
  'build',
]);
export const TOP_LEVEL_TEXT: ReadonlyMap<string, string> = new Map([
  ['plugins', 'plugins are not run: what they do to functions is missing'],
  ['layers', "copy the layers' files beside the handlers, or add a Runtime whose image has them"],
  ['package', 'patterns are not applied: all source files beside a handler are read, those of its folder alone'],
  ['resources', 'only functions are imported'],
]);
