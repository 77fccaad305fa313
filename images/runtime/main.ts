/** The bridge: PID 1 in a function's pod. This file only wires; see lambda.ts, announce.ts and generic.ts for its modes. */
import { runAnnounce } from './announce.ts';
import { processEnv, readConfig, readGenericConfig } from './config.ts';
import { runGeneric } from './generic.ts';
import { runLambda } from './lambda.ts';
import { createLog } from './log.ts';
import { withTmpDir } from './tmp-dir.ts';

function main(): void {
  const env = processEnv();
  if (env['LULL_MODE'] === 'generic') {
    endBy(runGeneric(readGenericConfig(env), env).drain);
    return;
  }
  const config = readConfig(env);
  const log = createLog(config.function, config.logFormat);
  const { drain } = config.mode === 'announce' ? runAnnounce(config, log) : runLambda(withTmpDir(config, log), log);
  endBy(drain);
}

function endBy(drain: () => void): void {
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
}

try {
  main();
} catch (error) {
  createLog('bridge')('lull', (error as Error).message);
  process.exitCode = 1;
}
