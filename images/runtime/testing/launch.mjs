// As images/nodejs/launch.mjs, with the tests' own client of the Runtime API, which is the handler, too. Its event's answer says what its environment is.
import { untilCode } from '../../nodejs/until-code.mjs';

untilCode();
await import('./handler.mjs');
