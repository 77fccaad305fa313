/** What AWS gives the runtime only. */
const OF_THE_RUNTIME: readonly string[] = [
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_XRAY_CONTEXT_MISSING',
  'AWS_XRAY_DAEMON_ADDRESS',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
];

/** The environment of an extension in /opt/extensions: the handler's, without what is the runtime's, and without names that begin with "_". */
export function extensionEnv(handlerEnv: Readonly<Record<string, string>>, runtimeApi: string): Record<string, string> {
  const all = Object.entries(handlerEnv).filter(([name]) => !name.startsWith('_') && !OF_THE_RUNTIME.includes(name));
  return { ...Object.fromEntries(all), AWS_LAMBDA_RUNTIME_API: runtimeApi };
}
