// Runs the table with @aws-sdk/client-lambda: {"endpoint", "keys", "cases"} on stdin, one JSON line a case on stdout.
import { readFileSync } from 'node:fs';
import { Lambda, waitUntilFunctionActiveV2, waitUntilFunctionUpdatedV2 } from '@aws-sdk/client-lambda';

const WAITERS = { FunctionActiveV2: waitUntilFunctionActiveV2, FunctionUpdatedV2: waitUntilFunctionUpdatedV2 };

const text = (bytes) => Buffer.from(bytes ?? []).toString();

function client(given, { key: name = 'all', region = 'us-east-1', skewSeconds = 0 }) {
  const key = name === 'none' ? undefined : given.keys[name];
  return new Lambda({
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

function withZip(input, one) {
  const code = 'zip' in one ? Buffer.from(one.zip, 'base64') : 'zipBytes' in one ? Buffer.alloc(one.zipBytes) : undefined;
  if (!code) return input;
  return one.operation === 'UpdateFunctionCode' ? { ...input, ZipFile: code } : { ...input, Code: { ...input.Code, ZipFile: code } };
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
  const input = withZip({ ...one.input }, one);
  const body = payload(one);
  if (body) input.Payload = body;
  if (input.ClientContext) input.ClientContext = Buffer.from(JSON.stringify(input.ClientContext)).toString('base64');
  try {
    const api = client(given, one);
    const waiter = WAITERS[one.operation];
    if (waiter) {
      await waiter({ client: api, maxWaitTime: 90, minDelay: 1, maxDelay: 1 }, input);
      return { status: 200, output: '{}' };
    }
    return await told(await api[one.operation[0].toLowerCase() + one.operation.slice(1)](input));
  } catch (error) {
    return { status: error.$metadata?.httpStatusCode ?? 0, error: error.name, message: error.message, reason: error.Reason };
  }
}

const table = JSON.parse(readFileSync(0, 'utf8'));
for (const one of table.cases) process.stdout.write(`${JSON.stringify(await run(table, one))}\n`);
