// Starts one Node handler process: AWS's own Runtime Interface Client, made ready while the code is still on its way.
//
// The bridge starts this with the pod. A byte (or the end) on descriptor 3 says that the code is in LAMBDA_TASK_ROOT; the client begins to work as soon as
// it is imported, so before that only what it will need is loaded: its native part, and Node's own modules.
import { closeSync, readSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import 'node:http';
import 'node:worker_threads';

const client = '/opt/lull/node_modules/aws-lambda-ric/index.mjs';
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
process.chdir(process.env.LAMBDA_TASK_ROOT);
// Where AWS's own runtimes find modules of layers (`require` only: import takes no notice of NODE_PATH, there as here).
const major = process.versions.node.split('.')[0];
const given = process.env.NODE_PATH ? [process.env.NODE_PATH] : [];
process.env.NODE_PATH = [...given, `/opt/nodejs/node${major}/node_modules`, '/opt/nodejs/node_modules', process.env.LAMBDA_TASK_ROOT].join(
  ':',
);
// NODE_PATH is read when a process starts; this is how it is read again.
Module._initPaths();
await import(client);
