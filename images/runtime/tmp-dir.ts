import { accessSync, constants } from 'node:fs';
import type { Config } from './config.ts';
import type { Log } from './log.ts';

/** With every container runtime it is a tmpfs of 64 MB that anybody may write to. */
const ELSEWHERE = '/dev/shm';

/**
 * AWS Lambda always has a /tmp. An image without one that its user may write to (FROM scratch) is given another folder for temporary files, as far as its code goes by
 * TMPDIR, and the log says how to have a /tmp.
 */
export function withTmpDir(config: Config, log: Log, isWritable = canWrite): Config {
  if (config.handlerEnv['TMPDIR'] !== undefined || isWritable('/tmp')) return config;
  log(
    'lull',
    `the image has no /tmp to write to: TMPDIR is ${ELSEWHERE}, 64 MB of memory. Set spec.imageConfig.bridge to volume for a /tmp.`,
  );
  return { ...config, handlerEnv: { ...config.handlerEnv, TMPDIR: ELSEWHERE } };
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
