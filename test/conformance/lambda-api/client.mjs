// Runs the table with @aws-sdk/client-lambda: {"endpoint", "keys", "cases"} on stdin, one JSON line a case on stdout.
import { readFileSync } from 'node:fs';
import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';

const COMMANDS = {
  DeleteFunction: DeleteFunctionCommand,
  GetFunction: GetFunctionCommand,
  GetFunctionConfiguration: GetFunctionConfigurationCommand,
  GetPolicy: GetPolicyCommand,
  Invoke: InvokeCommand,
  InvokeWithResponseStream: InvokeWithResponseStreamCommand,
  ListFunctions: ListFunctionsCommand,
};

const text = (bytes) => Buffer.from(bytes ?? []).toString();

function client(given, { key: name = 'all', region = 'us-east-1', skewSeconds = 0 }) {
  const key = name === 'none' ? undefined : given.keys[name];
  return new LambdaClient({
    endpoint: given.endpoint,
    region,
    // One attempt: what is answered is to be seen, not what becomes of it after two more.
    maxAttempts: 1,
    systemClockOffset: skewSeconds * 1000,
    ...(key
      ? { credentials: { accessKeyId: key.id, secretAccessKey: key.secret, sessionToken: key.token } }
      : { signer: { sign: async (request) => request }, credentials: { accessKeyId: 'none', secretAccessKey: 'none' } }),
  });
}

function payload(one) {
  if ('json' in one) return Buffer.from(JSON.stringify(one.json));
  if ('text' in one) return Buffer.from(one.text);
  return 'bytes' in one ? Buffer.from(JSON.stringify('x'.repeat(one.bytes - 2))) : undefined;
}

async function told(answer) {
  const { $metadata, ExecutedVersion, FunctionError, Payload, EventStream, LogResult, ...rest } = answer;
  const out = { status: $metadata.httpStatusCode, executedVersion: ExecutedVersion, functionError: FunctionError };
  let log = LogResult;
  if (EventStream) {
    const parts = [];
    for await (const { PayloadChunk, InvokeComplete } of EventStream) {
      if (PayloadChunk) parts.push(PayloadChunk.Payload);
      if (!InvokeComplete) continue;
      out.functionError = InvokeComplete.ErrorCode;
      parts.push(Buffer.from(InvokeComplete.ErrorDetails ?? ''));
      log = InvokeComplete.LogResult;
    }
    out.payload = text(Buffer.concat(parts));
  } else if (Payload || $metadata.httpStatusCode === 204) out.payload = text(Payload);
  else out.output = JSON.stringify(rest);
  return { ...out, log: Buffer.from(log ?? '', 'base64').toString() };
}

async function run(given, one) {
  const input = { ...one.input };
  const body = payload(one);
  if (body) input.Payload = body;
  if (input.ClientContext) input.ClientContext = Buffer.from(JSON.stringify(input.ClientContext)).toString('base64');
  try {
    return await told(await client(given, one).send(new COMMANDS[one.operation](input)));
  } catch (error) {
    return { status: error.$metadata?.httpStatusCode ?? 0, error: error.name, message: error.message, reason: error.Reason };
  }
}

const table = JSON.parse(readFileSync(0, 'utf8'));
for (const one of table.cases) process.stdout.write(`${JSON.stringify(await run(table, one))}\n`);
