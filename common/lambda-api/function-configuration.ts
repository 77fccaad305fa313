import { createHash } from 'node:crypto';
import type { CodeStatus } from '../api/code.ts';
import { envText } from '../api/env-value.ts';
import type { FunctionSpec, LullFunction } from '../api/function.ts';
import { memoryMegabytes } from '../api/memory.ts';
import { CODE_SIZE_ANNOTATION, DESCRIPTION_ANNOTATION, lambdaName, ROLE_ANNOTATION } from './annotations.ts';
import type { Caller } from './caller.ts';
import { functionArn } from './function-name.ts';
import { lifecycle } from './lifecycle.ts';
import { revisionId } from './revision-id.ts';

/** What pods have when neither Function nor Runtime says (operator/function/resources.ts). */
const DEFAULT_MEMORY = '256Mi';
const DEFAULT_STORAGE = '512Mi';

/** What is known of a function besides the object itself. */
export interface Surroundings {
  /** Limits that its pods have where the Function says nothing: its Runtime's, or what its Deployment was made with. */
  limits?: { memory?: string; 'ephemeral-storage'?: string } | undefined;
}

/**
 * A Function as GetFunctionConfiguration has it; what Lull does not have (roles, dead letters, versions) is left out or empty. Of the environment only what stands
 * in the Function itself is told, nothing of Secrets and ConfigMaps.
 */
export function functionConfiguration(object: LullFunction, caller: Caller, around: Surroundings = {}): Record<string, unknown> {
  const { metadata, spec } = object;
  const name = caller.nameOf(object);
  const variables = Object.fromEntries(
    (spec.env ?? []).flatMap(({ name: key, value }) => (value === undefined ? [] : [[key, envText(value)]])),
  );
  const limits = { ...around.limits, ...spec.resources?.limits };
  return {
    FunctionName: name,
    FunctionArn: functionArn(caller.region, name),
    ...(spec.runtime !== undefined && { Runtime: spec.runtime }),
    Role: metadata.annotations?.[ROLE_ANNOTATION] ?? 'arn:aws:iam::000000000000:role/lull',
    ...(spec.handler !== undefined && { Handler: spec.handler }),
    ...codeFacts(object),
    Description: metadata.annotations?.[DESCRIPTION_ANNOTATION] ?? '',
    Timeout: spec.timeoutSeconds ?? 30,
    MemorySize: memoryMegabytes(limits.memory ?? DEFAULT_MEMORY),
    LastModified: awsTime(modifiedAt(object)),
    Version: '$LATEST',
    ...(Object.keys(variables).length > 0 && { Environment: { Variables: variables } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: revisionId(object),
    ...lifecycle(object),
    ...imageConfig(spec),
    PackageType: spec.code.image === undefined ? 'Zip' : 'Image',
    Architectures: [architecture(process.arch)],
    EphemeralStorage: { Size: memoryMegabytes(limits['ephemeral-storage'] ?? DEFAULT_STORAGE) },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: spec.logFormat ?? 'Text', LogGroup: `/aws/lambda/${lambdaName(metadata)}` },
  };
}

/** spec.handler is short for a command of one word. */
function imageConfig({ code, handler, imageConfig: given }: FunctionSpec): object {
  const { entryPoint, command = code.image !== undefined && handler !== undefined ? [handler] : undefined, workingDirectory } = given ?? {};
  const ImageConfig = {
    ...(entryPoint && { EntryPoint: entryPoint }),
    ...(command && { Command: command }),
    ...(workingDirectory !== undefined && { WorkingDirectory: workingDirectory }),
  };
  return Object.keys(ImageConfig).length > 0 ? { ImageConfigResponse: { ImageConfig } } : {};
}

/** Lull's own pods run where its functions' do. */
export function architecture(arch: string): string {
  return arch === 'arm64' ? 'arm64' : 'x86_64';
}

/** The digest of what was given: of the zip file as AWS has it, as far as it is known, else of the bundle that was made of it. */
function codeFacts({ metadata, spec, status }: LullFunction): { CodeSha256: string; CodeSize: number } {
  const archive = archiveOf(spec);
  const [digest, size] = (metadata.annotations?.[CODE_SIZE_ANNOTATION] ?? '').split(' ');
  if (archive?.sha256 !== undefined)
    return { CodeSha256: base64(archive.sha256), CodeSize: digest === archive.sha256 ? Number(size) : (bundleOf(status)?.bytes ?? 0) };
  // As AWS has it of images: hex, of the image.
  const image = imageStatus(status);
  if (spec.code.image !== undefined && image) return { CodeSha256: image.digest.replace(/^sha256:/, ''), CodeSize: 0 };
  const bundle = bundleOf(status);
  if (bundle) return { CodeSha256: base64(bundle.digest), CodeSize: bundle.bytes };
  const code = JSON.stringify(Object.entries(spec.code.inline ?? { image: spec.code.image ?? '' }).sort());
  return {
    CodeSha256: createHash('sha256').update(code).digest('base64'),
    CodeSize: Object.values(spec.code.inline ?? {}).reduce((sum, file) => sum + Buffer.byteLength(file), 0),
  };
}

function archiveOf({ code }: FunctionSpec): { url: string; sha256?: string } | undefined {
  return code.archive;
}

/** What a registry has said of the image; undefined where nobody had to ask. */
export function imageStatus(status: LullFunction['status']): CodeStatus | undefined {
  return status?.code?.find(({ name }) => name === 'image');
}

function bundleOf(status: LullFunction['status']): { digest: string; bytes: number } | undefined {
  return status?.code?.find(({ name }) => name === 'code');
}

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/** When somebody last wrote something other than the status, by whatever means: Kubernetes keeps account of it. */
function modifiedAt({ metadata }: LullFunction): number {
  const { managedFields } = metadata as { managedFields?: { time?: string; subresource?: string }[] };
  const written = (managedFields ?? []).flatMap(({ time, subresource }) => (subresource || !time ? [] : [Date.parse(time)]));
  return Math.max(Date.parse(metadata.creationTimestamp ?? '') || 0, ...written);
}

/** AWS's has no Z, and hundredths. @param at Unix milliseconds */
function awsTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}+0000`;
}
