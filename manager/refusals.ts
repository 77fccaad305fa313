import { AwsError } from '../common/lambda-api/aws-error.ts';
import { architecture } from '../common/lambda-api/function-configuration.ts';
import type { CodeInput, ConfigurationInput } from './inputs.ts';

type Configured = Omit<ConfigurationInput, 'FunctionName' | 'RevisionId'>;
type Refusal<T> = [is: (input: T) => boolean, sentence: string];

/** What would change how a function behaves and is not there: better refused than left out in silence. */
const CONFIGURATION: readonly Refusal<Configured>[] = [
  [
    ({ Layers }) => (Layers?.length ?? 0) > 0,
    'Layers are not kept by Lull under ARNs: put their files into the package, or name their sources in spec.layers of the Function (kubectl explain function.spec.layers).',
  ],
  [
    ({ VpcConfig }) => (VpcConfig?.SubnetIds?.length ?? 0) + (VpcConfig?.SecurityGroupIds?.length ?? 0) > 0,
    'VpcConfig is not there: functions are in the network of the cluster; NetworkPolicies say what they may reach.',
  ],
  [
    ({ DeadLetterConfig }) => Boolean(DeadLetterConfig?.TargetArn),
    'DeadLetterConfig is not there: asynchronous invocations are not served yet.',
  ],
  [({ KMSKeyArn }) => Boolean(KMSKeyArn), 'KMSKeyArn is not there: secrets belong in a Secret that spec.env of the Function refers to.'],
  [({ FileSystemConfigs }) => (FileSystemConfigs?.length ?? 0) > 0, 'FileSystemConfigs are not there: functions have no volumes.'],
  [({ SnapStart }) => SnapStart?.ApplyOn === 'PublishedVersions', 'SnapStart is not there: leave it out, or set ApplyOn to None.'],
  [({ DurableConfig }) => DurableConfig !== undefined, 'DurableConfig is not there: leave it out.'],
  [({ CapacityProviderConfig }) => CapacityProviderConfig !== undefined, 'CapacityProviderConfig is not there: leave it out.'],
  [({ TenancyConfig }) => TenancyConfig !== undefined, 'TenancyConfig is not there: leave it out.'],
  [
    ({ LoggingConfig }) =>
      !['INFO', undefined].includes(LoggingConfig?.ApplicationLogLevel) || !['INFO', undefined].includes(LoggingConfig?.SystemLogLevel),
    'LoggingConfig: logs are not filtered by level here: leave ApplicationLogLevel and SystemLogLevel out.',
  ],
];

const CODE: readonly Refusal<CodeInput>[] = [
  [({ S3ObjectVersion }) => S3ObjectVersion !== undefined, 'S3ObjectVersion is not there: give each version a key of its own.'],
  [({ SourceKMSKeyArn }) => SourceKMSKeyArn !== undefined, 'SourceKMSKeyArn is not there: leave it out.'],
  [
    ({ S3ObjectStorageMode }) => !['COPY', undefined].includes(S3ObjectStorageMode),
    'S3ObjectStorageMode: code is always copied; leave it out.',
  ],
];

export function refuseConfiguration(input: Configured): void {
  refuse(CONFIGURATION, input);
}

export function refuseCode(input: CodeInput): void {
  refuse(CODE, input);
}

/** Versions are not there, so a script that goes on with the number of one would go on with a wrong one. */
export function refusePublish({ Publish, PublishTo }: { Publish?: boolean | undefined; PublishTo?: string | undefined }): void {
  if (Publish || PublishTo !== undefined)
    throw invalid(
      'Publish: versions are not there, only $LATEST: leave it out. The operator keeps older revisions until the newest one serves.',
    );
}

/** Functions run on nodes as Lull's own pods do. */
export function refuseArchitectures(asked: readonly string[] | null | undefined, arch: string = process.arch): void {
  const own = architecture(arch);
  for (const one of asked ?? []) if (one !== own) throw invalid(`Architectures: this cluster runs ${own}, not ${one}.`);
}

function refuse<T>(refusals: readonly Refusal<T>[], input: T): void {
  for (const [is, sentence] of refusals) if (is(input)) throw invalid(sentence);
}

function invalid(sentence: string): AwsError {
  return new AwsError('InvalidParameterValueException', sentence);
}
