import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lullFunction, nodeFunction, pythonFunction } from '../../support/functions.ts';

export const NAMESPACE = 'e2e-lambda-api';
export const OTHER_NAMESPACE = 'e2e-lambda-api-2';

const read = (name: string): string => readFileSync(join(import.meta.dirname, 'handlers', name), 'utf8');
const behave = read('lambda_function.py');
/** Up for the whole table: it is about answers, not about waking. */
const up = { scale: { min: 1 } };

/** What the table calls. */
export const FUNCTIONS: readonly object[] = [
  pythonFunction('behave', NAMESPACE, behave, up),
  nodeFunction('behave-node', NAMESPACE, read('index.mjs'), up),
  pythonFunction('slow', NAMESPACE, behave, { ...up, timeoutSeconds: 1 }),
  pythonFunction('broken', NAMESPACE, 'import not_there\n', up),
  pythonFunction('asleep', NAMESPACE, behave, { scale: { idleSeconds: 5 } }),
  pythonFunction('stopped', NAMESPACE, behave, { replicas: 0 }),
  pythonFunction('echo', OTHER_NAMESPACE, "def lambda_handler(event, context):\n    return {'from': 'the other namespace'}\n", up),
  // It is never started: nothing of it is needed but that it is no handler.
  lullFunction('web', NAMESPACE, { protocol: 'http', code: { image: 'docker.io/lull/testserver:dev' } }),
];
