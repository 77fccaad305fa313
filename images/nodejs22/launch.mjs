// Starts one handler process of Node 20 or 22: AWS's own Runtime Interface Client, whose third version is to be told to begin.
import { loadNative, untilCode } from './until-code.mjs';

const client = '/opt/lull/node_modules/aws-lambda-ric/dist/index.mjs';
loadNative(client);
const { run } = await import(client);
untilCode();
await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
