import { isDeepStrictEqual } from 'node:util';
import type { Code } from '../common/api/code.ts';
import type { LullFunction } from '../common/api/function.ts';
import { REFRESH_ANNOTATION } from '../common/api/names.ts';
import { storedUrl } from '../common/api/store.ts';
import { CODE_SIZE_ANNOTATION } from '../common/lambda-api/annotations.ts';
import { AwsError } from '../common/lambda-api/aws-error.ts';
import type { CodeInput } from './inputs.ts';
import { refuseCode } from './refusals.ts';

/** A zip file that came with the call. */
export interface Uploaded {
  /** SHA-256, hex. */
  digest: string;
  bytes: number;
}

/** How functions' own pods read buckets: by a Secret of the function's namespace, since the caller's AWS credentials are none of ours. */
export interface S3Settings {
  credentialsSecret: string | undefined;
  endpoint: string | undefined;
  region: string | undefined;
  forcePathStyle: boolean;
}

/** A Function with the code that a call gives. Pure. Throws AwsError. */
export function applyCode(fn: LullFunction, input: CodeInput, uploaded: Uploaded | undefined, s3: S3Settings): LullFunction {
  refuseCode(input);
  const { [CODE_SIZE_ANNOTATION]: _before, ...annotations } = fn.metadata.annotations ?? {};
  if (uploaded) annotations[CODE_SIZE_ANNOTATION] = `${uploaded.digest} ${uploaded.bytes}`;
  return { ...fn, metadata: { ...fn.metadata, annotations }, spec: { ...fn.spec, code: codeOf(input, uploaded, s3) } };
}

/**
 * The changed Function, with its code to be fetched anew if that comes from where it came from before. A key or a tag that stays the same may be another's now, and an upload
 * what the store has lost: AWS looks at it again with each update, and so is done here.
 */
export function refetched(before: LullFunction, changed: LullFunction, now: Date): LullFunction {
  if (!isDeepStrictEqual(before.spec.code, changed.spec.code)) return changed;
  const annotations = { ...changed.metadata.annotations, [REFRESH_ANNOTATION]: now.toISOString() };
  return { ...changed, metadata: { ...changed.metadata, annotations } };
}

function codeOf(input: CodeInput, uploaded: Uploaded | undefined, s3: S3Settings): Code {
  const given = [uploaded, input.S3Bucket ?? input.S3Key, input.ImageUri].filter((one) => one !== undefined);
  if (given.length === 0) throw invalid('Please provide a source for function code.');
  if (given.length > 1) throw invalid('Please provide one source for function code: ZipFile, S3Bucket with S3Key, or ImageUri.');
  if (uploaded) return { archive: { url: storedUrl(uploaded.digest), sha256: uploaded.digest, format: 'zip' } };
  if (input.ImageUri !== undefined) return { image: input.ImageUri };
  if (input.S3Bucket === undefined || input.S3Key === undefined) throw invalid('S3Bucket and S3Key go together: give both.');
  const { credentialsSecret, ...reach } = s3;
  const options = Object.fromEntries(Object.entries(reach).filter(([, value]) => value !== undefined && value !== false));
  return {
    archive: {
      url: `s3://${input.S3Bucket}/${input.S3Key}`,
      ...(/\.(zip|jar|tgz|tar\.gz)$/i.test(input.S3Key) && !/\.jar$/i.test(input.S3Key) ? {} : { format: 'zip' }),
      ...(credentialsSecret !== undefined && { credentialsSecret: { name: credentialsSecret } }),
      ...(Object.keys(options).length > 0 && { s3: options }),
    },
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}
