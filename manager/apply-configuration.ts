import type { FunctionSpec, LullFunction } from '../common/api/function.ts';
import type { ImageConfig } from '../common/api/image.ts';
import { DESCRIPTION_ANNOTATION, ROLE_ANNOTATION } from '../common/lambda-api/annotations.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { environment } from './environment.ts';
import type { ConfigurationInput } from './inputs.ts';
import { refuseConfiguration } from './refusals.ts';

/** A Function with what a call asks for taken over; what the call is silent about stays. Pure. Throws AwsError. @param runtimes names of those that there are */
export function applyConfiguration(fn: LullFunction, input: ConfigurationInput, runtimes: readonly string[]): LullFunction {
  refuseConfiguration(input);
  const spec: FunctionSpec = { ...fn.spec };
  if (input.Runtime !== undefined) spec.runtime = chooseRuntime(input.Runtime, runtimes);
  if (input.Handler !== undefined) spec.handler = input.Handler;
  if (input.Timeout !== undefined) spec.timeoutSeconds = input.Timeout;
  if (input.Environment) spec.env = environment(input.Environment.Variables ?? {}, spec.env);
  if (input.LoggingConfig?.LogFormat !== undefined) spec.logFormat = input.LoggingConfig.LogFormat;
  if (input.ImageConfig) {
    const { bridge } = spec.imageConfig ?? {};
    spec.imageConfig = { ...(bridge && { bridge }), ...imageConfig(input.ImageConfig) };
    // Short for a command, of which there is now another.
    if (spec.code.image !== undefined) delete spec.handler;
    if (Object.keys(spec.imageConfig).length === 0) delete spec.imageConfig;
  }
  const limits = {
    ...(input.MemorySize !== undefined && { memory: `${input.MemorySize}Mi` }),
    ...(input.EphemeralStorage && { 'ephemeral-storage': `${input.EphemeralStorage.Size}Mi` }),
  };
  if (Object.keys(limits).length > 0) spec.resources = { ...spec.resources, limits: { ...spec.resources?.limits, ...limits } };
  return { ...fn, metadata: { ...fn.metadata, ...annotated(fn, input) }, spec };
}

/** Empty lists stand for what the image says. */
function imageConfig({ EntryPoint, Command, WorkingDirectory }: NonNullable<ConfigurationInput['ImageConfig']>): ImageConfig {
  return {
    ...(EntryPoint && EntryPoint.length > 0 && { entryPoint: EntryPoint }),
    ...(Command && Command.length > 0 && { command: Command }),
    ...(WorkingDirectory && { workingDirectory: WorkingDirectory }),
  };
}

function annotated({ metadata }: LullFunction, { Description, Role }: ConfigurationInput): { annotations?: Record<string, string> } {
  if (Description === undefined && Role === undefined) return {};
  const annotations: Record<string, string> = { ...metadata.annotations, ...(Role !== undefined && { [ROLE_ANNOTATION]: Role }) };
  if (Description !== undefined) annotations[DESCRIPTION_ANNOTATION] = Description;
  if (Description === '') delete annotations[DESCRIPTION_ANNOTATION];
  return { annotations };
}
