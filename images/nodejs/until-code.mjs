// What every launcher of a Node handler process does before its client of the Runtime API begins to work.
//
// The bridge starts it with the pod. A byte (or the end) on descriptor 3 says that the code is in LAMBDA_TASK_ROOT; before that only what the client will need is
// loaded: its native part, and Node's own modules.
import { closeSync, readSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import 'node:http';
import 'node:worker_threads';

/** Waits for the code, and goes to it. @param client the file of AWS's Runtime Interface Client */
export function untilCode(client) {
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
  // Where AWS's own runtimes find modules of layers (`require` only: import takes no notice of NODE_PATH, there as here).
  const major = process.versions.node.split('.')[0];
  const given = process.env.NODE_PATH ? [process.env.NODE_PATH] : [];
  process.env.NODE_PATH = [...given, `/opt/nodejs/node${major}/node_modules`, '/opt/nodejs/node_modules', root].join(':');
  // NODE_PATH is read when a process starts; this is how it is read again.
  Module._initPaths();
}
