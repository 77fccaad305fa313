import { envValue } from '../common/api/env-value.ts';
import type { EnvVar } from '../common/api/meta.ts';
import { AwsError } from '../common/lambda-api/aws-error.ts';

/** AWS's limit of all names and values together. */
const MAX_BYTES = 4096;

/** The environment that a call asks for; what comes from Secrets and ConfigMaps, which Lambda's API neither shows nor knows, stays as it is. Throws AwsError. */
export function environment(variables: Readonly<Record<string, string>>, before: readonly EnvVar[] = []): EnvVar[] {
  const bytes = Object.entries(variables).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes > MAX_BYTES)
    throw new AwsError(
      'InvalidParameterValueException',
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. Measured: ${bytes} bytes`,
    );
  const kept = before.filter(({ name, valueFrom }) => valueFrom !== undefined && !Object.hasOwn(variables, name));
  return [...Object.entries(variables).map(([name, value]) => ({ name, value: envValue(value) })), ...kept];
}
