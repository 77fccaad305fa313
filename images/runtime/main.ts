/** The bridge: PID 1 in a function's pod. This file only wires; see lambda.ts and announce.ts for its two modes. */
import { runAnnounce } from './announce.ts';
import { readConfig } from './config.ts';
import { runLambda } from './lambda.ts';
import { createLog } from './log.ts';
import { withTmpDir } from './tmp-dir.ts';

function main(): void {
  const config = readConfig();
  const log = createLog(config.function, config.logFormat);
  const { drain } = config.mode === 'announce' ? runAnnounce(config, log) : runLambda(withTmpDir(config, log), log);
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
}

try {
  main();
} catch (error) {
  createLog('bridge')('lull', (error as Error).message);
  process.exitCode = 1;
}
