import type { LullFunction } from '../common/api/function.ts';
import { API_VERSION } from '../common/api/names.ts';
import { LAMBDA_NAME_ANNOTATION, TAGS_ANNOTATION } from '../common/lambda-api/annotations.ts';
import { AwsError } from '../common/lambda-api/aws-error.ts';
import type { Meant } from '../common/lambda-api/caller.ts';
import { applyCode, type S3Settings, type Uploaded } from './apply-code.ts';
import { applyConfiguration } from './apply-configuration.ts';
import type { CreateFunctionInput } from './inputs.ts';
import { refuseArchitectures, refusePublish } from './refusals.ts';

/** AWS's, which code that was written for it may count on; Lull's own default is 30. */
const DEFAULT_TIMEOUT_SECONDS = 3;

/** What the cluster and the installation add to what a call says. */
export interface Circumstances {
  /** Names of the Runtimes that there are. */
  runtimes: readonly string[];
  s3: S3Settings;
}

/** The Function that CreateFunction asks for. Pure. Throws AwsError. */
export function createdFrom(
  input: CreateFunctionInput,
  meant: Meant,
  uploaded: Uploaded | undefined,
  { runtimes, s3 }: Circumstances,
): LullFunction {
  const {
    FunctionName,
    Code,
    Architectures,
    PackageType = 'Zip',
    Publish,
    PublishTo,
    Tags,
    CodeSigningConfigArn,
    ...configuration
  } = input;
  refusePublish({ Publish, PublishTo });
  refuseArchitectures(Architectures);
  if (CodeSigningConfigArn !== undefined) throw invalid('CodeSigningConfigArn is not there: leave it out.');
  if (configuration.Role === undefined) throw missing('role');
  if (PackageType === 'Zip') {
    if (Code.ImageUri !== undefined) throw invalid('Please set PackageType to Image when creating a function with ImageUri.');
    if (configuration.Runtime === undefined) throw missing('runtime');
    if (configuration.Handler === undefined) throw missing('handler');
  } else {
    if (Code.ImageUri === undefined) throw invalid('Please provide ImageUri when creating a function with packageType Image.');
    if (configuration.Runtime !== undefined || configuration.Handler !== undefined)
      throw invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.");
  }
  const annotations = {
    ...(meant.bare !== meant.name && { [LAMBDA_NAME_ANNOTATION]: meant.bare }),
    ...(Tags && Object.keys(Tags).length > 0 && { [TAGS_ANNOTATION]: JSON.stringify(Tags) }),
  };
  const empty: LullFunction = {
    apiVersion: API_VERSION,
    kind: 'Function',
    metadata: { name: meant.name, namespace: meant.namespace, annotations },
    spec: { code: {}, protocol: 'lambda', timeoutSeconds: DEFAULT_TIMEOUT_SECONDS },
  };
  return applyCode(applyConfiguration(empty, configuration, runtimes), Code, uploaded, s3);
}

function missing(name: string): AwsError {
  return invalid(`1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}
