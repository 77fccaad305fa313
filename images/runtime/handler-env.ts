import type { Config, Env } from './config.ts';

/** Where AWS's own runtimes are; a container image made for Lambda has them there. */
const RUNTIME_DIR = '/var/runtime';

/** The image was not built by Lull: what AWS's managed runtimes have by their image, it has as it wants. */
interface Facts extends Pick<Config, 'taskRoot' | 'lambdaName' | 'pod' | 'logFormat'> {
  ownImage: boolean;
}

/**
 * What a handler sees, named as AWS names it: the user's variables (those that would have changed the bridge's own Node come as LULL_ENV_NAME), nothing
 * else of Lull's, and Lambda's own, which a user cannot replace, but for the region and the time zone.
 */
export function handlerEnv(env: Env, config: Facts): Record<string, string> {
  const out: Record<string, string> = {
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: env['AWS_REGION'] ?? 'us-east-1',
    ...(config.ownImage ? {} : managedEnv(config.taskRoot)),
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    // Nothing listens there; X-Ray's SDKs send UDP, and do not mind.
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
  };
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (name.startsWith('LULL_ENV_')) out[name.slice('LULL_ENV_'.length)] = value;
    else if (!name.startsWith('LULL_')) out[name] = value;
  }
  return Object.assign(out, {
    _HANDLER: env['LULL_HANDLER'] ?? '',
    LAMBDA_TASK_ROOT: config.taskRoot,
    LAMBDA_RUNTIME_DIR: RUNTIME_DIR,
    AWS_LAMBDA_FUNCTION_NAME: config.lambdaName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: env['LULL_MEMORY_MB'] || '128',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.lambdaName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: config.pod,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: env['AWS_EXECUTION_ENV'] ?? 'AWS_Lambda_Image',
  });
}

function managedEnv(taskRoot: string): Record<string, string> {
  return {
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LD_LIBRARY_PATH: `/var/lang/lib:/lib64:/usr/lib64:${RUNTIME_DIR}:${RUNTIME_DIR}/lib:${taskRoot}:${taskRoot}/lib:/opt/lib`,
  };
}
