/** What an interpreter, the C library, or AWS's client reads when a process starts: with other values than it was started with, another has to be started. */
export const READ_AT_START =
  /^(LD_|PYTHON|NODE_(?!ENV$)|UV_|LC_|LANG$|MALLOC_|GLIBC_|OPENSSL_|SSL_CERT_|JAVA_|JDK_|AWS_LAMBDA_EXEC_WRAPPER$|AWS_LAMBDA_NODEJS_|AWS_LAMBDA_RUNTIME_VERBOSE$)/;

/** Launchers that load modules ahead and take over another environment; others (Java's) are started at the claim. */
const CAN_WAIT = /(^|\/)launch\.(py|mjs)$/;

/** Whether a handler's process can be started before it is known whose it will be. */
export function canStartAhead(command: readonly string[]): boolean {
  return command.some((word) => CAN_WAIT.test(word));
}
