// The context, the environment, what stays in memory between invocations, and /tmp.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const file = '/tmp/lull-example-nodejs';
// Made once, in the init phase.
const startedAt = Date.now();
let invocations = 0;

export const handler = async (_event, context) => {
  invocations++;
  console.log(`invocation ${invocations}`);
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, context.awsRequestId);
  return {
    requestId: context.awsRequestId,
    arn: context.invokedFunctionArn,
    function: context.functionName,
    version: context.functionVersion,
    memoryMb: Number(context.memoryLimitInMB),
    logGroup: context.logGroupName,
    logStream: context.logStreamName,
    remainingMillis: context.getRemainingTimeInMillis(),
    custom: context.clientContext?.Custom ?? context.clientContext?.custom ?? null,
    region: process.env.AWS_REGION,
    handler: process.env._HANDLER,
    taskRoot: process.env.LAMBDA_TASK_ROOT,
    traceId: process.env._X_AMZN_TRACE_ID,
    greeting: process.env.GREETING,
    invocations,
    ageMillis: Date.now() - startedAt,
    kept,
  };
};
