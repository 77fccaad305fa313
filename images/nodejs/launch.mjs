// Starts one Node handler process: AWS's own Runtime Interface Client, which begins to work as soon as it is imported.
import { untilCode } from './until-code.mjs';

const client = '/opt/lull/node_modules/aws-lambda-ric/index.mjs';
untilCode(client);
await import(client);
