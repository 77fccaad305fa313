// Starts one Node handler process: AWS's own Runtime Interface Client, which begins to work at the end of its only file. That last line is all that waits for the code.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { loadNative, untilCode } from './until-code.mjs';

const client = '/opt/lull/node_modules/aws-lambda-ric/index.mjs';
/** As aws-lambda-ric 4.0.2 ends; the image is not built from one that ends otherwise. */
const LAST_LINE = /\nignition\(\);\s*$/;

/** Loads the client; gives back what makes it begin. */
async function loadAhead() {
  const url = pathToFileURL(client).href;
  const source = readFileSync(client, 'utf8').replace(LAST_LINE, '\nexport { ignition };\n');
  const hooks = registerHooks({
    load: (wanted, context, next) => (wanted === url ? { format: 'module', source, shortCircuit: true } : next(wanted, context)),
  });
  const { ignition } = await import(url);
  hooks.deregister();
  return ignition;
}

loadNative(client);
const begin = await loadAhead();
untilCode();
await begin();
