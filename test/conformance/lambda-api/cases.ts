import { MANAGED_CASES } from './managed-cases.ts';

/** One call of Lambda's API and what AWS's clients must make of it. All of it is data: the client programs (client.py, client.mjs, client.go) are given it as JSON. */
export interface Case {
  /** What is shown, for people. */
  name: string;
  /** AWS's name of the operation, or of the waiter. */
  operation: string;
  /** The operation's input, as AWS names it; ClientContext as an object, Payload apart. */
  input?: Record<string, unknown>;
  /** JSON to send as the payload. */
  json?: unknown;
  /** Or text, as it is; or a JSON string of so many bytes altogether. */
  text?: string;
  bytes?: number;
  /** A zip file for CreateFunction and UpdateFunctionCode, base64; or so many bytes. */
  zip?: string | undefined;
  zipBytes?: number;
  /** Which key signs; the one that may do everything when left out. */
  key?: KeyName;
  /** Seconds by which the client's clock is wrong. */
  skewSeconds?: number;
  region?: string;
  expect: Expected;
}

/** Keys of the test's own: keys.ts. */
export type KeyName = 'all' | 'one' | 'unknown' | 'wrong' | 'session' | 'none';

/** What a client says of an answer. Patterns are regular expressions. */
export interface Expected {
  status: number;
  /** The payload as JSON; or a pattern of it as text, or its length. */
  json?: unknown;
  payloadPattern?: string;
  payloadBytes?: number;
  functionError?: string;
  executedVersion?: string;
  logPattern?: string;
  /** What is in the output of operations that do not invoke, perhaps among more. */
  output?: unknown;
  /** The exception that the client raises. */
  error?: string;
  messagePattern?: string;
  reason?: string;
}

const OK = { status: 200, executedVersion: '$LATEST' } as const;
const FAILED = { ...OK, functionError: 'Unhandled' } as const;
const invoke = (name: string, json: unknown, expect: Expected, more: Partial<Case> & { fn?: string } = {}): Case => {
  const { fn = 'behave', input, ...rest } = more;
  return { name, operation: 'Invoke', input: { FunctionName: fn, ...input }, json, expect, ...rest };
};
const refused = (status: number, error: string, messagePattern: string): Expected => ({ status, error, messagePattern });
const MiB6 = 6 * 1024 * 1024;
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function';
/** A key of the node handler's, for what the two languages do alike. */
const node = { fn: 'behave-node' };

export const CASES: readonly Case[] = [
  // Names.
  invoke('a name', { a: 1 }, { ...OK, json: { a: 1 } }),
  invoke('NAME:$LATEST', { a: 1 }, { ...OK, json: { a: 1 } }, { fn: 'behave:$LATEST' }),
  invoke('Qualifier $LATEST', 1, { ...OK, json: 1 }, { input: { Qualifier: '$LATEST' } }),
  invoke('ACCOUNT:function:NAME', [1], { ...OK, json: [1] }, { fn: '123456789012:function:behave' }),
  invoke('an ARN of any account and region', 'x', { ...OK, json: 'x' }, { fn: `${ARN}:behave` }),
  invoke('an ARN with a qualifier', null, { ...OK, json: null }, { fn: `${ARN}:behave:$LATEST` }),
  invoke('NAME.NAMESPACE', { a: 1 }, { ...OK, json: { from: 'the other namespace' } }, { fn: 'echo.e2e-lambda-api-2' }),
  invoke('an ARN with NAME.NAMESPACE', { a: 1 }, { ...OK, json: { from: 'the other namespace' } }, { fn: `${ARN}:echo.e2e-lambda-api-2` }),
  invoke('a client of another region', { a: 1 }, { ...OK, json: { a: 1 } }, { region: 'ap-southeast-2' }),
  // Payloads.
  invoke('no payload is {}', undefined, { ...OK, json: {} }),
  invoke('text of all planes', { t: 'äß水😀\u0000"\\' }, { ...OK, json: { t: 'äß水😀\u0000"\\' } }),
  invoke('text of all planes (Node)', { t: 'äß水😀\u0000"\\' }, { ...OK, json: { t: 'äß水😀\u0000"\\' } }, node),
  invoke('numbers at their limits', { n: [0, -1.5, 1e21, 9007199254740991] }, { ...OK, json: { n: [0, -1.5, 1e21, 9007199254740991] } }),
  invoke('a handler that returns nothing', { do: 'nothing' }, { ...OK, json: null }),
  invoke('a handler that returns nothing (Node)', { do: 'nothing' }, { ...OK, json: null }, node),
  invoke('a payload of 1 MiB there and back', undefined, { ...OK, payloadBytes: 1 << 20 }, { bytes: 1 << 20 }),
  invoke('a payload of 6 MiB', undefined, { ...OK, payloadBytes: MiB6 }, { bytes: MiB6 }),
  invoke('a payload of 6 MiB and a byte', undefined, refused(413, 'RequestTooLargeException', 'must be smaller than 6291456 bytes'), {
    bytes: MiB6 + 1,
  }),
  invoke('a payload of 12 MiB', undefined, refused(413, 'RequestTooLargeException', 'must be smaller than 6291456 bytes'), {
    bytes: 2 * MiB6,
  }),
  invoke(
    'a payload that is no JSON',
    undefined,
    refused(400, 'InvalidRequestContentException', '^Could not parse request body into json'),
    { text: 'hello' },
  ),
  invoke(
    'a result that is too large',
    { do: 'big', bytes: MiB6 + 200 },
    { ...FAILED, payloadPattern: '"errorType": ?"Function.ResponseSizeTooLarge"' },
  ),
  // Failures.
  invoke(
    'an exception',
    { do: 'fail' },
    { ...FAILED, payloadPattern: '"errorMessage": ?"as asked".*"errorType": ?"ValueError".*"stackTrace"' },
  ),
  invoke(
    'an exception (Node)',
    { do: 'fail' },
    { ...FAILED, payloadPattern: '"errorType": ?"RangeError","errorMessage": ?"as asked","trace"' },
    node,
  ),
  invoke(
    'an exit',
    { do: 'exit', code: 3 },
    {
      ...FAILED,
      payloadPattern:
        '"errorType":"Runtime.ExitError","errorMessage":"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3"',
    },
  ),
  invoke(
    'a timeout',
    { do: 'sleep', seconds: 10 },
    { ...FAILED, payloadPattern: '"errorMessage":"RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds"' },
    { fn: 'slow' },
  ),
  invoke('after a timeout all is well', { a: 1 }, { ...OK, json: { a: 1 } }, { fn: 'slow' }),
  invoke(
    'a module that cannot be imported',
    {},
    { ...FAILED, payloadPattern: '"errorType": ?"Runtime.ImportModuleError"' },
    { fn: 'broken' },
  ),
  // Logs.
  invoke(
    'LogType Tail',
    { do: 'print', lines: 3, tag: 'one' },
    {
      ...OK,
      logPattern: '^START RequestId: [^\n]*\nline 0 one\nline 1 one\nline 2 one\nEND RequestId: [^\n]*\nREPORT RequestId: [^\n]*\n$',
    },
    { input: { LogType: 'Tail' } },
  ),
  invoke(
    'LogType Tail (Node)',
    { do: 'print', lines: 3, tag: 'two' },
    { ...OK, logPattern: 'line 0 two\n[^]*line 1 two\n[^]*line 2 two\n' },
    { ...node, input: { LogType: 'Tail' } },
  ),
  invoke(
    'LogType Tail: the last 4 KB',
    { do: 'print', lines: 2000, tag: 'x' },
    { ...OK, logPattern: '^[^]{2000,4096}$' },
    { input: { LogType: 'Tail' } },
  ),
  invoke('LogType Tail of a failure', { do: 'fail' }, { ...FAILED, logPattern: 'as asked' }, { input: { LogType: 'Tail' } }),
  invoke('LogType None', { do: 'print' }, { ...OK, logPattern: '^$' }, { input: { LogType: 'None' } }),
  // Context.
  invoke(
    'client context',
    { do: 'context' },
    { ...OK, payloadPattern: '"custom": ?\\{"a": ?"(ü|\\\\u00fc)"\\}.*"env": ?\\{"locale": ?"de"\\}' },
    { input: { ClientContext: { custom: { a: 'ü' }, env: { locale: 'de' } } } },
  ),
  invoke(
    'client context (Node)',
    { do: 'context' },
    { ...OK, payloadPattern: '"custom":\\{"a":"ü"\\},"env":\\{"locale":"de"\\}' },
    { ...node, input: { ClientContext: { custom: { a: 'ü' }, env: { locale: 'de' } } } },
  ),
  invoke(
    'the context’s fields',
    { do: 'context' },
    { ...OK, payloadPattern: '"function_name": ?"behave".*"function_version": ?"\\$LATEST".*"memory_limit_in_mb": ?"256"' },
  ),
  invoke(
    'the ARN has the qualifier that was given',
    { do: 'context' },
    { ...OK, payloadPattern: '"invoked_function_arn": ?"arn:aws:lambda:us-east-1:000000000000:function:behave:\\$LATEST"' },
    { input: { Qualifier: '$LATEST' } },
  ),
  // Kinds of invocation.
  invoke('DryRun', { a: 1 }, { status: 204, payloadBytes: 0 }, { input: { InvocationType: 'DryRun' } }),
  invoke('DryRun without permission', { a: 1 }, refused(403, 'AccessDeniedException', 'not authorized to perform: lambda:InvokeFunction'), {
    fn: 'slow',
    key: 'one',
    input: { InvocationType: 'DryRun' },
  }),
  invoke('Event is refused, never dropped', { a: 1 }, refused(400, 'InvalidParameterValueException', 'durable queue'), {
    input: { InvocationType: 'Event' },
  }),
  invoke('a function that sleeps is woken', { a: 1 }, { ...OK, json: { a: 1 } }, { fn: 'asleep' }),
  // Refusals.
  invoke(
    'no such function',
    {},
    refused(404, 'ResourceNotFoundException', '^Function not found: arn:aws:lambda:us-east-1:000000000000:function:nothing$'),
    { fn: 'nothing' },
  ),
  invoke('no such version', {}, refused(404, 'ResourceNotFoundException', ':function:behave:7$'), { input: { Qualifier: '7' } }),
  invoke('no such alias', {}, refused(404, 'ResourceNotFoundException', ':function:behave:prod$'), { fn: 'behave:prod' }),
  invoke('two qualifiers', {}, refused(400, 'InvalidParameterValueException', 'derived qualifier'), {
    fn: 'behave:1',
    input: { Qualifier: '2' },
  }),
  invoke('an HTTP server', {}, refused(400, 'InvalidParameterValueException', 'spec.protocol: http'), { fn: 'web' }),
  invoke(
    'a function that is stopped',
    {},
    { ...refused(429, 'TooManyRequestsException', 'Rate Exceeded'), reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    { fn: 'stopped' },
  ),
  // Signatures and permissions.
  invoke('an unknown key', {}, refused(403, 'UnrecognizedClientException', 'security token included in the request is invalid'), {
    key: 'unknown',
  }),
  invoke('a wrong secret', {}, refused(403, 'InvalidSignatureException', 'does not match the signature you provided'), { key: 'wrong' }),
  invoke('a session token', {}, refused(403, 'UnrecognizedClientException', 'AWS_SESSION_TOKEN'), { key: 'session' }),
  invoke('no signature', {}, refused(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'), { key: 'none' }),
  invoke('a clock that is 6 minutes late', {}, refused(403, 'InvalidSignatureException', 'Signature expired'), { skewSeconds: -360 }),
  invoke('a clock that is 6 minutes ahead', {}, refused(403, 'InvalidSignatureException', 'Signature not yet current'), {
    skewSeconds: 360,
  }),
  invoke('a clock that is 4 minutes late', 1, { ...OK, json: 1 }, { skewSeconds: -240 }),
  invoke('what the key is for', 1, { ...OK, json: 1 }, { key: 'one' }),
  invoke(
    'another function than the key is for',
    1,
    refused(403, 'AccessDeniedException', 'function:slow because no identity-based policy allows'),
    { fn: 'slow', key: 'one' },
  ),
  invoke('another namespace than the key is for', 1, refused(403, 'AccessDeniedException', 'function:echo.e2e-lambda-api-2'), {
    fn: 'echo.e2e-lambda-api-2',
    key: 'one',
  }),
  // Streams.
  {
    name: 'InvokeWithResponseStream',
    operation: 'InvokeWithResponseStream',
    input: { FunctionName: 'behave' },
    json: { a: 'ü' },
    expect: { ...OK, json: { a: 'ü' } },
  },
  {
    name: 'a stream of 1 MiB',
    operation: 'InvokeWithResponseStream',
    input: { FunctionName: 'behave' },
    bytes: 1 << 20,
    expect: { ...OK, payloadBytes: 1 << 20 },
  },
  {
    name: 'a stream that fails',
    operation: 'InvokeWithResponseStream',
    input: { FunctionName: 'behave', LogType: 'Tail' },
    json: { do: 'fail' },
    expect: { ...OK, functionError: 'ValueError', payloadPattern: 'as asked', logPattern: 'as asked' },
  },
  {
    name: 'a stream of no such function',
    operation: 'InvokeWithResponseStream',
    input: { FunctionName: 'nothing' },
    json: {},
    expect: refused(404, 'ResourceNotFoundException', 'Function not found'),
  },
  // What is read, and what is not served.
  {
    name: 'GetFunctionConfiguration',
    operation: 'GetFunctionConfiguration',
    input: { FunctionName: 'behave' },
    expect: {
      status: 200,
      output: { FunctionName: 'behave', Runtime: 'python3.11', Handler: 'lambda_function.lambda_handler', Timeout: 30, State: 'Active' },
    },
  },
  {
    name: 'GetFunction',
    operation: 'GetFunction',
    input: { FunctionName: `${ARN}:behave` },
    expect: { status: 200, output: { Configuration: { FunctionName: 'behave' } } },
  },
  {
    name: 'GetFunction of none',
    operation: 'GetFunction',
    input: { FunctionName: 'nothing' },
    expect: refused(404, 'ResourceNotFoundException', 'Function not found'),
  },
  {
    name: 'ListFunctions',
    operation: 'ListFunctions',
    expect: {
      status: 200,
      output: { Functions: [{ FunctionName: 'asleep' }, { FunctionName: 'behave' }, { FunctionName: 'echo.e2e-lambda-api-2' }] },
    },
  },
  {
    name: 'ListFunctions, paged',
    operation: 'ListFunctions',
    input: { MaxItems: 1 },
    expect: { status: 200, output: { NextMarker: 'asleep' } },
  },
  {
    name: 'GetFunction without permission',
    operation: 'GetFunction',
    input: { FunctionName: 'behave' },
    key: 'one',
    expect: refused(403, 'AccessDeniedException', 'lambda:GetFunction'),
  },
  ...MANAGED_CASES,
];
