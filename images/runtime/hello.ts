import type { Announce } from '../../common/api/announcement.ts';
import type { Config } from './config.ts';

/** The first line of a function's pod. `needsCode`: whether its code is still wanted. */
export function hello(config: Config, needsCode = false): Announce {
  return {
    type: 'announce',
    namespace: config.namespace,
    function: config.function,
    revision: config.revision,
    pod: config.pod,
    ip: config.podIp,
    port: config.port,
    protocol: config.mode === 'lambda' ? 'lambda' : 'http',
    uptimeMillis: Math.round(performance.now()),
    ...(needsCode && { needsCode: config.codeDigest }),
    ...(config.pool !== '' && { pool: config.pool }),
  };
}
