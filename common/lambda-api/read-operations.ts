import type { LullFunction } from '../api/function.ts';
import { AwsError } from './aws-error.ts';
import type { Caller, Meant } from './caller.ts';
import { mostAtOnce, reservedConcurrency } from './concurrency.ts';
import { functionConfiguration, imageStatus, type Surroundings } from './function-configuration.ts';
import { functionArn } from './function-name.ts';
import type { Operation } from './operation.ts';
import { pageOf } from './page.ts';
import { tagsOf } from './tags.ts';

/** A function that is there, and that the caller may have to do with. */
export interface Seen {
  object: LullFunction;
  around: Surroundings;
  meant: Meant;
}

/** What a reading call is answered from. */
export interface Reading {
  operation: Operation;
  query: URLSearchParams;
  caller: Caller;
  /** The one that the call names. Throws AwsError. */
  one(): Seen;
  /** All with a handler that the caller may have to do with, by name. */
  all(): Omit<Seen, 'meant'>[];
}

/** AWS's limits, which are Lull's too. */
export const CODE_SIZE_UNZIPPED = 262_144_000;
export const CODE_SIZE_ZIPPED = 52_428_800;

/**
 * Answers of operations that change nothing, as truthfully as there is something to say: what Lull does not have is an empty list, or not found, as at AWS for
 * a function without it. Undefined where it is no such operation.
 */
export function readOperation(reading: Reading): object | undefined {
  return Object.hasOwn(READ, reading.operation.name) ? READ[reading.operation.name]?.(reading) : undefined;
}

/** Whether it changes nothing, and is answered. */
export function reads({ name }: Operation): boolean {
  return Object.hasOwn(READ, name);
}

const READ: Readonly<Record<string, (reading: Reading) => object>> = {
  GetFunction: (reading) => {
    const seen = reading.one();
    const reserved = reservedConcurrency(seen.object);
    return {
      Configuration: configuration(reading, seen),
      Code: codeLocation(seen.object),
      Tags: tagsOf(seen.object),
      ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    };
  },
  GetFunctionConfiguration: (reading) => configuration(reading, reading.one()),
  ListFunctions: ({ query, caller, all }) => {
    // FunctionVersion=ALL lists versions besides, of which there are none.
    const { page, marker } = pageOf(all(), query, ({ object }) => caller.nameOf(object));
    return {
      Functions: page.map(({ object, around }) => functionConfiguration(object, caller, around)),
      ...(marker !== undefined && { NextMarker: marker }),
    };
  },
  ListVersionsByFunction: (reading) => {
    const seen = reading.one();
    const arn = functionArn(reading.caller.region, reading.caller.nameOf(seen.object));
    return { Versions: [{ ...configuration(reading, seen), FunctionArn: `${arn}:$LATEST` }] };
  },
  ListAliases: ({ one }) => {
    one();
    return { Aliases: [] };
  },
  GetAlias: (reading) => none(reading, (arn) => `Cannot find alias arn: ${arn}:${reading.operation.rest}`),
  GetPolicy: (reading) => none(reading, () => 'The resource you requested does not exist.'),
  GetFunctionConcurrency: ({ one }) => {
    const reserved = reservedConcurrency(one().object);
    return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
  },
  ListTags: ({ one }) => ({ Tags: tagsOf(one().object) }),
  GetAccountSettings: ({ caller, all }) => {
    const seen = all();
    // There is no quota over all functions: what they may run at once together is what each may.
    const atOnce = seen.reduce((sum, { object }) => sum + mostAtOnce(object.spec), 0);
    return {
      AccountLimit: {
        CodeSizeUnzipped: CODE_SIZE_UNZIPPED,
        CodeSizeZipped: CODE_SIZE_ZIPPED,
        ConcurrentExecutions: atOnce,
        UnreservedConcurrentExecutions: seen.reduce(
          (sum, { object }) => sum + (reservedConcurrency(object) === undefined ? mostAtOnce(object.spec) : 0),
          0,
        ),
      },
      AccountUsage: {
        TotalCodeSize: seen.reduce((sum, { object }) => sum + Number(functionConfiguration(object, caller)['CodeSize']), 0),
        FunctionCount: seen.length,
      },
    };
  },
  ListLayers: () => ({ Layers: [] }),
  ListLayerVersions: () => ({ LayerVersions: [] }),
  GetLayerVersion: () => {
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
  },
  ListEventSourceMappings: () => ({ EventSourceMappings: [] }),
  GetEventSourceMapping: () => {
    throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
  },
  GetFunctionEventInvokeConfig: (reading) => none(reading, (arn) => `The function ${arn}:$LATEST doesn't have an EventInvokeConfig`),
  ListFunctionEventInvokeConfigs: ({ one }) => {
    one();
    return { FunctionEventInvokeConfigs: [] };
  },
  ListProvisionedConcurrencyConfigs: ({ one }) => {
    one();
    return { ProvisionedConcurrencyConfigs: [] };
  },
  GetProvisionedConcurrencyConfig: ({ one }) => {
    one();
    throw new AwsError('ProvisionedConcurrencyConfigNotFoundException', 'No Provisioned Concurrency Config found for this function');
  },
  GetFunctionCodeSigningConfig: ({ one, caller }) => ({ FunctionName: caller.nameOf(one().object) }),
  GetFunctionUrlConfig: (reading) => urlConfig(reading, reading.one()),
  ListFunctionUrlConfigs: (reading) => ({ FunctionUrlConfigs: [urlConfig(reading, reading.one())] }),
};

function configuration({ caller }: Reading, { object, around, meant }: Seen): Record<string, unknown> {
  const told = functionConfiguration(object, caller, around);
  return meant.arn.endsWith(':$LATEST') ? { ...told, FunctionArn: `${String(told['FunctionArn'])}:$LATEST` } : told;
}

/** Where the code came from. Location is for downloading at AWS; here it says where the code is, and there is nothing to download. */
function codeLocation({ spec, status }: LullFunction): object {
  const { image } = spec.code;
  if (image !== undefined) {
    const resolved = imageStatus(status)?.image?.reference;
    return { RepositoryType: 'ECR', ImageUri: image, ...(resolved !== undefined && { ResolvedImageUri: resolved }) };
  }
  const { archive, git } = spec.code;
  if (archive?.url.startsWith('s3://')) return { RepositoryType: 'S3', Location: archive.url };
  return { RepositoryType: git ? 'Git' : 'Kubernetes', ...((archive ?? git) && { Location: (archive ?? git)?.url }) };
}

/** Of what a function does not have. */
function none({ one, caller }: Reading, message: (arn: string) => string): never {
  const { object } = one();
  throw new AwsError('ResourceNotFoundException', message(functionArn(caller.region, caller.nameOf(object))));
}

/** Every function answers HTTP at an address of its own, to anybody. */
function urlConfig({ caller }: Reading, { object }: Seen): object {
  const { status, spec, metadata } = object;
  if (status?.url === undefined) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
  const cors = Object.entries(spec.cors ?? {}).map(([name, value]) => [`${name[0]?.toUpperCase()}${name.slice(1)}`, value]);
  const at = new Date(metadata.creationTimestamp ?? 0).toISOString();
  return {
    FunctionUrl: `${status.url}/`,
    FunctionArn: functionArn(caller.region, caller.nameOf(object)),
    AuthType: 'NONE',
    ...(cors.length > 0 && { Cors: Object.fromEntries(cors) }),
    CreationTime: at,
    LastModifiedTime: at,
    InvokeMode: 'BUFFERED',
  };
}
