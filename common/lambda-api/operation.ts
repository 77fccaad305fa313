/** What a call of Lambda's API asks for. */
export interface Operation {
  /** As AWS names it. */
  name: string;
  /** The permission that it needs: lambda:NAME but for those that invoke. */
  action: string;
  /** As it stands in the path, decoded; undefined for operations that are about no single function. */
  functionName: string | undefined;
  /** What comes after it in the path, decoded: an alias, a statement's id. */
  rest: string | undefined;
}

/** Every path of Lambda's API begins with the date of a version of it: /2015-03-31/functions/… */
const API = /^\/(20\d\d-\d\d-\d\d)(\/[a-z-]+(?:\/.*)?)$/;

/** Whether a path is one of Lambda's API, with what is to be said of it; undefined when it is none. */
export function operationOf(method: string, path: string): Operation | undefined {
  const [, version, rest] = API.exec(path) ?? [];
  if (version === undefined || rest === undefined) return undefined;
  const known = OPERATIONS.find((one) => one.version === version && one.method === method && one.path.test(rest));
  if (!known) return undefined;
  const { f, rest: after } = known.path.exec(rest)?.groups ?? {};
  const name = known.name;
  const action = INVOKES.has(name) ? 'lambda:InvokeFunction' : `lambda:${name}`;
  return { name, action, functionName: f && decoded(f), rest: after && decoded(after) };
}

/** Whether a request, which is to no function's own host, is meant for Lambda's API. The first comparison is all that others pay. */
export function isLambdaPath(target: string): boolean {
  return target.startsWith('/20') && LAMBDA_PATH.test(target);
}

const LAMBDA_PATH =
  /^\/20\d\d-\d\d-\d\d\/(functions|event-source-mappings|layers|layers-by-arn|account-settings|tags|code-signing-configs|capacity-providers|durable-executions)(?=[/?]|$)/;

/** Whether it sends an event to a function. */
export function invokes({ action }: Operation): boolean {
  return action === 'lambda:InvokeFunction';
}

const INVOKES = new Set(['Invoke', 'InvokeWithResponseStream', 'InvokeAsync']);

const at = (name: string, method: string, version: string, path: string) => ({
  name,
  method,
  version,
  // Names of functions are encoded, but for the colons that some clients leave.
  path: new RegExp(`^${path.replace('{f}', '(?<f>[^/]+)').replace('{}', '(?<rest>[^/]+)').replaceAll('{}', '[^/]+')}/?$`),
});

/** Those of AWS's API model (2015-03-31 and its later versions) that are about functions; what is not among them is not known, either. */
const OPERATIONS = [
  at('Invoke', 'POST', '2015-03-31', '/functions/{f}/invocations'),
  at('InvokeWithResponseStream', 'POST', '2021-11-15', '/functions/{f}/response-streaming-invocations'),
  at('InvokeAsync', 'POST', '2014-11-13', '/functions/{f}/invoke-async'),
  at('ListFunctions', 'GET', '2015-03-31', '/functions'),
  at('GetFunction', 'GET', '2015-03-31', '/functions/{f}'),
  at('GetFunctionConfiguration', 'GET', '2015-03-31', '/functions/{f}/configuration'),
  at('CreateFunction', 'POST', '2015-03-31', '/functions'),
  at('DeleteFunction', 'DELETE', '2015-03-31', '/functions/{f}'),
  at('UpdateFunctionCode', 'PUT', '2015-03-31', '/functions/{f}/code'),
  at('UpdateFunctionConfiguration', 'PUT', '2015-03-31', '/functions/{f}/configuration'),
  at('PublishVersion', 'POST', '2015-03-31', '/functions/{f}/versions'),
  at('ListVersionsByFunction', 'GET', '2015-03-31', '/functions/{f}/versions'),
  at('CreateAlias', 'POST', '2015-03-31', '/functions/{f}/aliases'),
  at('ListAliases', 'GET', '2015-03-31', '/functions/{f}/aliases'),
  at('GetAlias', 'GET', '2015-03-31', '/functions/{f}/aliases/{}'),
  at('UpdateAlias', 'PUT', '2015-03-31', '/functions/{f}/aliases/{}'),
  at('DeleteAlias', 'DELETE', '2015-03-31', '/functions/{f}/aliases/{}'),
  at('AddPermission', 'POST', '2015-03-31', '/functions/{f}/policy'),
  at('GetPolicy', 'GET', '2015-03-31', '/functions/{f}/policy'),
  at('RemovePermission', 'DELETE', '2015-03-31', '/functions/{f}/policy/{}'),
  at('CreateEventSourceMapping', 'POST', '2015-03-31', '/event-source-mappings'),
  at('ListEventSourceMappings', 'GET', '2015-03-31', '/event-source-mappings'),
  at('GetEventSourceMapping', 'GET', '2015-03-31', '/event-source-mappings/{}'),
  at('UpdateEventSourceMapping', 'PUT', '2015-03-31', '/event-source-mappings/{}'),
  at('DeleteEventSourceMapping', 'DELETE', '2015-03-31', '/event-source-mappings/{}'),
  at('GetAccountSettings', 'GET', '2016-08-19', '/account-settings'),
  at('ListTags', 'GET', '2017-03-31', '/tags/{f}'),
  at('TagResource', 'POST', '2017-03-31', '/tags/{f}'),
  at('UntagResource', 'DELETE', '2017-03-31', '/tags/{f}'),
  at('PutFunctionConcurrency', 'PUT', '2017-10-31', '/functions/{f}/concurrency'),
  at('GetFunctionConcurrency', 'GET', '2019-09-30', '/functions/{f}/concurrency'),
  at('DeleteFunctionConcurrency', 'DELETE', '2017-10-31', '/functions/{f}/concurrency'),
  at('ListLayers', 'GET', '2018-10-31', '/layers'),
  at('ListLayerVersions', 'GET', '2018-10-31', '/layers/{}/versions'),
  at('GetLayerVersion', 'GET', '2018-10-31', '/layers/{}/versions/{}'),
  at('PublishLayerVersion', 'POST', '2018-10-31', '/layers/{}/versions'),
  at('PutFunctionEventInvokeConfig', 'PUT', '2019-09-25', '/functions/{f}/event-invoke-config'),
  at('GetFunctionEventInvokeConfig', 'GET', '2019-09-25', '/functions/{f}/event-invoke-config'),
  at('UpdateFunctionEventInvokeConfig', 'POST', '2019-09-25', '/functions/{f}/event-invoke-config'),
  at('DeleteFunctionEventInvokeConfig', 'DELETE', '2019-09-25', '/functions/{f}/event-invoke-config'),
  at('ListFunctionEventInvokeConfigs', 'GET', '2019-09-25', '/functions/{f}/event-invoke-config/list'),
  at('PutProvisionedConcurrencyConfig', 'PUT', '2019-09-30', '/functions/{f}/provisioned-concurrency'),
  at('GetProvisionedConcurrencyConfig', 'GET', '2019-09-30', '/functions/{f}/provisioned-concurrency'),
  at('GetFunctionCodeSigningConfig', 'GET', '2020-06-30', '/functions/{f}/code-signing-config'),
  at('GetRuntimeManagementConfig', 'GET', '2021-07-20', '/functions/{f}/runtime-management-config'),
  at('CreateFunctionUrlConfig', 'POST', '2021-10-31', '/functions/{f}/url'),
  at('GetFunctionUrlConfig', 'GET', '2021-10-31', '/functions/{f}/url'),
  at('UpdateFunctionUrlConfig', 'PUT', '2021-10-31', '/functions/{f}/url'),
  at('DeleteFunctionUrlConfig', 'DELETE', '2021-10-31', '/functions/{f}/url'),
  at('ListFunctionUrlConfigs', 'GET', '2021-10-31', '/functions/{f}/urls'),
] as const;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
