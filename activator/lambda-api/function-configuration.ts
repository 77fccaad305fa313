import { createHash } from 'node:crypto';
import type { LullFunction } from '../../common/api/function.ts';
import { memoryMegabytes } from '../../common/api/memory.ts';
import { functionArn } from './function-name.ts';

/** What pods have when neither Function nor Runtime says (operator/function/resources.ts); what a Runtime says is not known here. */
const DEFAULT_MEMORY = '256Mi';

/**
 * A Function as GetFunctionConfiguration has it; what Lull does not have (roles, layers, dead letters) is left out or empty. Of the environment only what stands in
 * the Function itself is told, nothing of Secrets and ConfigMaps.
 * @param name as the caller may use it: NAME or NAME.NAMESPACE
 */
export function functionConfiguration(object: LullFunction, name: string, region: string): Record<string, unknown> {
  const { metadata, spec } = object;
  const code = JSON.stringify(Object.entries(spec.code.inline ?? { image: spec.code.image ?? '' }).sort());
  const variables = Object.fromEntries((spec.env ?? []).flatMap(({ name: key, value }) => (value === undefined ? [] : [[key, value]])));
  return {
    FunctionName: name,
    FunctionArn: functionArn(region, name),
    ...(spec.runtime !== undefined && { Runtime: spec.runtime }),
    Role: 'arn:aws:iam::000000000000:role/lull',
    ...(spec.handler !== undefined && { Handler: spec.handler }),
    CodeSize: Object.values(spec.code.inline ?? {}).reduce((sum, file) => sum + Buffer.byteLength(file), 0),
    Description: metadata.annotations?.['kubernetes.io/description'] ?? '',
    Timeout: spec.timeoutSeconds ?? 30,
    MemorySize: memoryMegabytes(spec.resources?.limits?.memory ?? DEFAULT_MEMORY),
    // AWS's has no Z, and hundredths.
    LastModified: `${new Date(metadata.creationTimestamp ?? 0).toISOString().slice(0, 23)}+0000`,
    CodeSha256: createHash('sha256').update(code).digest('base64'),
    Version: '$LATEST',
    ...(Object.keys(variables).length > 0 && { Environment: { Variables: variables } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: metadata.uid ?? '',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: spec.code.image === undefined ? 'Zip' : 'Image',
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${metadata.name}` },
  };
}
