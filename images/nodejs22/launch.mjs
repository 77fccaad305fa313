// Starts one handler process of Node 20 or 22: AWS's own Runtime Interface Client, made ready while the code is still on its way (see images/nodejs/launch.mjs).
import { closeSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import 'node:http';

const client = '/opt/lull/node_modules/aws-lambda-ric/dist/index.mjs';
try {
  createRequire(client)('./rapid-client.node');
} catch {
  // The client itself will say what is wrong with it.
}
try {
  readSync(3, Buffer.alloc(1));
  closeSync(3);
} catch {
  // Not open: the code was there from the start.
}
const root = process.env.LAMBDA_TASK_ROOT;
process.chdir(root);
const { run } = await import(client);
await run(root, process.env._HANDLER);
