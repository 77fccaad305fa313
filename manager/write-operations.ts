import { effectiveSpec } from '../common/api/defaults.ts';
import type { LullFunction } from '../common/api/function.ts';
import { isCalled, lambdaName, RESERVED_ANNOTATION, TAGS_ANNOTATION } from '../common/lambda-api/annotations.ts';
import { AwsError } from '../common/lambda-api/aws-error.ts';
import { type Meant, notFound } from '../common/lambda-api/caller.ts';
import { functionConfiguration } from '../common/lambda-api/function-configuration.ts';
import { revisionId } from '../common/lambda-api/revision-id.ts';
import { ownTags } from '../common/lambda-api/tags.ts';
import { applyCode, refetched, type S3Settings } from './apply-code.ts';
import { applyConfiguration } from './apply-configuration.ts';
import type { CallContext } from './call-context.ts';
import { createdFrom } from './create-function.ts';
import { readInput } from './inputs.ts';
import { refuseArchitectures, refusePublish } from './refusals.ts';

/** What is answered. */
export interface Answer {
  status: number;
  /** Undefined for an answer without a body. */
  body?: object;
}

/** How often a write is tried anew when somebody else, the operator's status mostly, was quicker. */
const ATTEMPTS = 5;

export interface WriteSettings {
  s3: S3Settings;
}

type Write = (call: CallContext, settings: WriteSettings) => Promise<Answer>;

/** Operations that make, change and remove functions; undefined for another. */
export function writeOperation(name: string): Write | undefined {
  return Object.hasOwn(WRITE, name) ? WRITE[name] : undefined;
}

const WRITE: Readonly<Record<string, Write>> = {
  CreateFunction: async (call, { s3 }) => {
    const input = readInput('createFunction', call.body);
    const meant = call.means(input.FunctionName);
    latestOnly(meant);
    const runtimes = await call.functions.runtimes();
    const fn = createdFrom(input, meant, call.uploaded, { runtimes: runtimes.map(({ metadata }) => metadata.name), s3 });
    const there = await call.functions.get(meant.namespace, meant.name);
    if (there) {
      const why = isCalled(there.metadata, meant.bare)
        ? ''
        : `: in Kubernetes it would be ${meant.name}, as ${lambdaName(there.metadata)} is`;
      throw new AwsError('ResourceConflictException', `Function already exist: ${meant.given}${why}`);
    }
    await call.keep(meant.namespace);
    const made = await call.functions.create(fn);
    return { status: 201, body: functionConfiguration(made, call.caller, aroundOf(made, runtimes)) };
  },
  UpdateFunctionCode: async (call, { s3 }) => {
    const input = readInput('updateFunctionCode', call.body);
    const { FunctionName: _name, RevisionId, Publish, PublishTo, DryRun, Architectures, ...code } = input;
    refusePublish({ Publish, PublishTo });
    refuseArchitectures(Architectures);
    return change(call, RevisionId, DryRun ?? false, async (fn, { namespace }) => {
      const isImage = fn.spec.code.image !== undefined;
      if (isImage !== (code.ImageUri !== undefined))
        throw new AwsError(
          'InvalidParameterValueException',
          isImage
            ? 'Please provide ImageUri when updating a function with packageType Image.'
            : "Please don't provide ImageUri when updating a function with packageType Zip.",
        );
      const changed = refetched(fn, applyCode(fn, code, call.uploaded, s3), new Date());
      if (!DryRun) await call.keep(namespace);
      return changed;
    });
  },
  UpdateFunctionConfiguration: async (call) => {
    const input = readInput('updateFunctionConfiguration', call.body);
    const runtimes = input.Runtime === undefined ? [] : (await call.functions.runtimes()).map(({ metadata }) => metadata.name);
    return change(call, input.RevisionId, false, (fn) => applyConfiguration(fn, input, runtimes));
  },
  DeleteFunction: async (call) => {
    const meant = call.meant();
    if (meant.qualified)
      throw meant.qualifier === '$LATEST'
        ? new AwsError('InvalidParameterValueException', '$LATEST version cannot be deleted without deleting the function.')
        : notFound(meant);
    await call.existing();
    if (!(await call.functions.remove(meant.namespace, meant.name))) throw notFound(meant);
    return { status: 204 };
  },
  TagResource: async (call) => {
    const { Tags } = readInput('tagResource', call.body);
    await changeTags(call, (tags) => ({ ...tags, ...Tags }));
    return { status: 204 };
  },
  UntagResource: async (call) => {
    const gone = call.query.getAll('tagKeys');
    if (gone.length === 0)
      throw new AwsError(
        'InvalidParameterValueException',
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
      );
    await changeTags(call, (tags) => Object.fromEntries(Object.entries(tags).filter(([name]) => !gone.includes(name))));
    return { status: 204 };
  },
  PutFunctionConcurrency: async (call) => {
    const { ReservedConcurrentExecutions: most } = readInput('putFunctionConcurrency', call.body);
    await change(call, undefined, false, (fn) => reserve(fn, most));
    return { status: 200, body: { ReservedConcurrentExecutions: most } };
  },
  DeleteFunctionConcurrency: async (call) => {
    await change(call, undefined, false, unreserve);
    return { status: 204 };
  },
  // There is none to remove: idempotent, as at AWS.
  DeleteAlias: async (call) => {
    await call.existing();
    return { status: 204 };
  },
  UpdateAlias: async (call) => {
    const { meant } = await call.existing();
    throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${meant.arn}:${call.operation.rest}`);
  },
  RemovePermission: async (call) => {
    await call.existing();
    throw new AwsError('ResourceNotFoundException', 'No policy is associated with the given resource.');
  },
  DeleteFunctionEventInvokeConfig: async (call) => {
    const { meant } = await call.existing();
    throw new AwsError('ResourceNotFoundException', `The function ${meant.arn}:$LATEST doesn't have an EventInvokeConfig`);
  },
};

/** Reads, changes and writes a function, again when somebody else has written meanwhile; with a RevisionId it must be the very one that the caller has seen. */
async function change(
  call: CallContext,
  given: string | null | undefined,
  dryRun: boolean,
  apply: (fn: LullFunction, meant: Meant) => LullFunction | Promise<LullFunction>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const { fn, meant } = await call.existing();
    if (given && given !== revisionId(fn))
      throw new AwsError(
        'PreconditionFailedException',
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      );
    const written = await call.functions.replace(await apply(fn, meant), dryRun);
    if (written)
      return { status: 200, body: functionConfiguration(written, call.caller, aroundOf(written, await call.functions.runtimes())) };
    if (attempt === ATTEMPTS)
      throw new AwsError(
        'ResourceConflictException',
        `The operation cannot be performed at this time. An update is in progress for resource: ${meant.arn}`,
      );
  }
}

function changeTags(call: CallContext, to: (tags: Record<string, string>) => Record<string, string>): Promise<Answer> {
  return change(call, undefined, false, (fn) => {
    const annotations = { ...fn.metadata.annotations, [TAGS_ANNOTATION]: JSON.stringify(to(ownTags(fn.metadata.annotations))) };
    return { ...fn, metadata: { ...fn.metadata, annotations } };
  });
}

/** So many at once: of pods as many as take that together; 0 stops the function, as at AWS. */
function reserve(fn: LullFunction, most: number): LullFunction {
  const { concurrency } = effectiveSpec(fn.spec);
  if (most === 0) return { ...fn, spec: { ...fn.spec, replicas: 0 } };
  if (concurrency === 0 || most % concurrency !== 0)
    throw new AwsError(
      'InvalidParameterValueException',
      `ReservedConcurrentExecutions must be a multiple of ${concurrency}, which one pod takes (spec.concurrency).`,
    );
  const { replicas: _stopped, ...spec } = fn.spec;
  const annotations = { ...fn.metadata.annotations, [RESERVED_ANNOTATION]: 'true' };
  const max = most / concurrency;
  const scale = { ...spec.scale, max, min: Math.min(spec.scale?.min ?? 0, max), initial: Math.min(spec.scale?.initial ?? 1, max) };
  return { ...fn, metadata: { ...fn.metadata, annotations }, spec: { ...spec, scale } };
}

function unreserve(fn: LullFunction): LullFunction {
  const { [RESERVED_ANNOTATION]: reserved, ...annotations } = fn.metadata.annotations ?? {};
  const { replicas, ...spec } = fn.spec;
  const { max: _max, ...scale } = spec.scale ?? {};
  return {
    ...fn,
    metadata: { ...fn.metadata, annotations },
    spec: { ...spec, ...(replicas && { replicas }), ...(reserved === undefined ? {} : { scale }) },
  };
}

function latestOnly(meant: Meant): void {
  if (meant.qualified) throw new AwsError('InvalidParameterValueException', `A function that is made has no qualifier: ${meant.arn}`);
}

function aroundOf({ spec }: LullFunction, runtimes: Awaited<ReturnType<CallContext['functions']['runtimes']>>) {
  return { limits: runtimes.find(({ metadata }) => metadata.name === spec.runtime)?.spec.resources?.limits };
}
