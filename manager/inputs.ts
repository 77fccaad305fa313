import * as z from 'zod';
import { AwsError } from '../common/lambda-api/aws-error.ts';

const text = (max: number) => z.string().max(max);
const strings = z.array(z.string());

/** What CreateFunction and UpdateFunctionConfiguration have in common; bounds are AWS's. */
const configuration = {
  Role: text(256).optional(),
  Handler: text(128).optional(),
  Description: text(256).optional(),
  Timeout: z.int().min(1).max(900).optional(),
  MemorySize: z.int().min(128).max(10_240).optional(),
  VpcConfig: z
    .object({ SubnetIds: strings.optional(), SecurityGroupIds: strings.optional(), Ipv6AllowedForDualStack: z.boolean().optional() })
    .nullish(),
  Environment: z.object({ Variables: z.record(z.string().regex(/^[a-zA-Z]([a-zA-Z0-9_])+$/), z.string()).nullish() }).nullish(),
  Runtime: text(128).optional(),
  DeadLetterConfig: z.object({ TargetArn: z.string().optional() }).nullish(),
  KMSKeyArn: z.string().nullish(),
  TracingConfig: z.object({ Mode: z.enum(['Active', 'PassThrough']).optional() }).nullish(),
  Layers: strings.nullish(),
  FileSystemConfigs: z.array(z.unknown()).nullish(),
  ImageConfig: z
    .object({ EntryPoint: strings.max(1500).nullish(), Command: strings.max(1500).nullish(), WorkingDirectory: text(1000).nullish() })
    .nullish(),
  EphemeralStorage: z.object({ Size: z.int().min(512).max(10_240) }).nullish(),
  SnapStart: z.object({ ApplyOn: z.enum(['PublishedVersions', 'None']).optional() }).nullish(),
  LoggingConfig: z
    .object({
      LogFormat: z.enum(['JSON', 'Text']).optional(),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: z.string().optional(),
      LogGroup: z.string().optional(),
    })
    .nullish(),
  DurableConfig: z.unknown().optional(),
  CapacityProviderConfig: z.unknown().optional(),
  TenancyConfig: z.unknown().optional(),
};

const code = {
  /** Taken out on its way: present and empty when there was one. */
  ZipFile: z.string().optional(),
  S3Bucket: z
    .string()
    .regex(/^[0-9A-Za-z.\-_]{3,63}$/)
    .optional(),
  S3Key: z.string().min(1).max(1024).optional(),
  S3ObjectVersion: z.string().optional(),
  ImageUri: z.string().min(1).optional(),
  SourceKMSKeyArn: z.string().optional(),
  S3ObjectStorageMode: z.string().optional(),
};

const architectures = z
  .array(z.enum(['x86_64', 'arm64']))
  .max(1)
  .nullish();
const tags = z.record(z.string().min(1).max(128), text(256));

const createFunction = z.strictObject({
  FunctionName: z.string(),
  Code: z.strictObject(code),
  ...configuration,
  Architectures: architectures,
  PackageType: z.enum(['Zip', 'Image']).optional(),
  Publish: z.boolean().optional(),
  PublishTo: z.string().optional(),
  Tags: tags.nullish(),
  CodeSigningConfigArn: z.string().optional(),
});
/** The name stands in the path, and some clients repeat it. */
const named = { FunctionName: z.string().optional(), RevisionId: z.string().nullish() };
const updateFunctionCode = z.strictObject({
  ...named,
  ...code,
  Architectures: architectures,
  Publish: z.boolean().optional(),
  PublishTo: z.string().optional(),
  DryRun: z.boolean().optional(),
});
const updateFunctionConfiguration = z.strictObject({ ...named, ...configuration });
const tagResource = z.strictObject({ Resource: z.string().optional(), Tags: tags });
const putFunctionConcurrency = z.strictObject({ FunctionName: z.string().optional(), ReservedConcurrentExecutions: z.int().min(0) });

const INPUTS = { createFunction, updateFunctionCode, updateFunctionConfiguration, tagResource, putFunctionConcurrency };

export type CreateFunctionInput = z.infer<typeof createFunction>;
export type UpdateFunctionCodeInput = z.infer<typeof updateFunctionCode>;
export type ConfigurationInput = z.infer<typeof updateFunctionConfiguration>;
export type CodeInput = CreateFunctionInput['Code'];

/** Reads an operation's input. Throws AwsError, worded as AWS words the first thing that is wrong. */
export function readInput<K extends keyof typeof INPUTS>(name: K, body: unknown): z.infer<(typeof INPUTS)[K]> {
  const parsed = INPUTS[name].safeParse(body);
  if (parsed.success) return parsed.data as z.infer<(typeof INPUTS)[K]>;
  throw awsIssue(parsed.error.issues[0] as z.core.$ZodIssue, body);
}

function awsIssue(issue: z.core.$ZodIssue, body: unknown): AwsError {
  // The name of a variable or a tag is nobody's field: what is wrong is the map.
  const path = issue.code === 'invalid_key' ? issue.path.slice(0, -1) : issue.path;
  const at = path.map((part) => lowerFirst(String(part))).join('.');
  const value = path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], body);
  if (issue.code === 'unrecognized_keys')
    return new AwsError('InvalidParameterValueException', `${issue.keys.join(', ')} is not known to Lull's API: leave it out.`);
  if (issue.code === 'invalid_type' && value !== undefined && value !== null)
    return new AwsError(
      'SerializationException',
      `${typeOf(value)} can not be converted to ${/^[aeiou]/i.test(issue.expected) ? 'an' : 'a'} ${issue.expected} at '${at}'`,
    );
  const shown =
    value === undefined ? 'null' : typeof value === 'object' ? JSON.stringify(value).slice(0, 200) : String(value).slice(0, 200);
  return new AwsError(
    'InvalidParameterValueException',
    `1 validation error detected: Value ${value === undefined ? shown : `'${shown}'`} at '${at}' failed to satisfy constraint: ${constraint(issue, value)}`,
  );
}

function constraint(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined || value === null) return 'Member must not be null';
  const length = typeof value === 'string' || Array.isArray(value) ? 'length' : 'value';
  switch (issue.code) {
    case 'too_big':
      return `Member must have ${length} less than or equal to ${issue.maximum}`;
    case 'too_small':
      return `Member must have ${length} greater than or equal to ${issue.minimum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.map(String).join(', ')}]`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.pattern ?? issue.format}`;
    case 'invalid_key':
      return 'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]';
    default:
      return issue.message;
  }
}

function typeOf(value: unknown): string {
  return `${Array.isArray(value) ? 'LIST' : value === null ? 'NULL' : (typeof value).toUpperCase()}_VALUE`;
}

function lowerFirst(name: string): string {
  return `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
}
