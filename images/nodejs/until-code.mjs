// What every launcher of a Node handler process does before its client of the Runtime API begins to work.
//
// The bridge starts it with the pod. A byte (or the end) on descriptor 3 says that the code is in LAMBDA_TASK_ROOT; before that the client is loaded, its native part, and Node's own modules: 13 ms that a
// claimed pod, or one whose code is on its way, need not spend later.
import { closeSync, readFileSync, writeSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import 'node:http';
import 'node:worker_threads';

/** Loads what the client will ask for later. @param client the file of AWS's Runtime Interface Client */
export function loadNative(client) {
  try {
    createRequire(client)('./rapid-client.node');
  } catch {
    // The client itself will say what is wrong with it.
  }
}

/** Waits for the code, and goes to it. */
export function untilCode() {
  if (process.env.LULL_PRELOAD !== undefined) preload();
  const said = untilSaid();
  if (said.startsWith('{')) {
    // A pod of a warm pool hears only now whose it is: the environment is this, and nothing else.
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, JSON.parse(said).env);
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

/** What the bridge says when the code is there; empty when it always was. */
function untilSaid() {
  try {
    const said = readFileSync(3, 'utf8');
    closeSync(3);
    return said;
  } catch {
    // Not open: the code was there from the start.
    return '';
  }
}

/** In a pod of a warm pool, which has nothing else to do, and says by descriptor 4 that it has. A module that cannot be loaded is left to the handler. */
function preload() {
  const names = JSON.parse(process.env.LULL_PRELOAD);
  delete process.env.LULL_PRELOAD;
  const require = createRequire('/opt/lull/');
  for (const name of names) {
    try {
      require(name);
    } catch (error) {
      console.log(`${name} could not be loaded ahead: ${error.message}`);
    }
  }
  writeSync(4, '\n');
  closeSync(4);
}
