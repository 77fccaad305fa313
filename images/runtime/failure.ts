import type { ErrorCode } from './errors.ts';

/** Why there is no result, for three readers: whoever called (code), whoever looks into the log (detail), and AWS's own tools (type, message, payload). */
export interface Failure {
  kind: 'error';
  code: ErrorCode;
  /** For the log: what exactly happened. */
  detail: string;
  /** AWS's name of it, such as Runtime.ExitError, or the class of what the handler raised. */
  errorType?: string | undefined;
  /** In AWS's words, without the request's id. */
  errorMessage?: string | undefined;
  /** What the runtime posted, which goes to the caller of Invoke as it is. */
  payload?: Buffer | undefined;
}

/** What `aws lambda invoke` gets: what the runtime posted, or AWS's own error JSON. */
export function invokePayload(failure: Failure, requestId: string): Buffer {
  if (failure.payload) return failure.payload;
  const { errorType = 'Runtime.Unknown', errorMessage = failure.detail } = failure;
  const isOurs = errorType.startsWith('Function.');
  return Buffer.from(JSON.stringify({ errorType, errorMessage: isOurs ? errorMessage : `RequestId: ${requestId} Error: ${errorMessage}` }));
}

/** What a runtime posted as an error, in whatever shape. `typeHeader`: Lambda-Runtime-Function-Error-Type. */
export function postedFailure(code: ErrorCode, body: Buffer, typeHeader: string | undefined): Failure {
  const { errorType, errorMessage } = parse(body);
  const type = errorType ?? typeHeader;
  return {
    kind: 'error',
    code,
    detail: `${type ?? 'Error'}: ${errorMessage ?? 'an error that says no more'}`.slice(0, 1000),
    errorType: type,
    errorMessage,
    payload: body,
  };
}

function parse(body: Buffer): { errorType?: string | undefined; errorMessage?: string | undefined } {
  try {
    const { errorType, errorMessage } = JSON.parse(body.toString()) as Record<string, unknown>;
    return {
      errorType: typeof errorType === 'string' && errorType !== '' ? errorType : undefined,
      errorMessage: typeof errorMessage === 'string' ? errorMessage : undefined,
    };
  } catch {
    // null, a number, or no JSON at all: AWS hands such bodies on, too.
    return {};
  }
}

/** The process went away before it answered. `limitMb`: the container's memory limit. */
export function exitFailure(how: ProcessEnd, loading: boolean, limitMb: number): Failure {
  const base = { kind: 'error', code: how.killed ? 'HandlerKilled' : loading ? 'InitFailed' : 'HandlerExited' } as const;
  if (how.error) return { ...base, ...notStarted(how.error) };
  const { code, signal } = how;
  const words = signal ? `signal: ${SIGNALS[signal] ?? signal}` : code === 137 ? 'signal: killed' : `exit status ${code}`;
  return {
    ...base,
    detail: `the process ${signal ? `was ended by ${signal}` : `exited with code ${code}`}${how.killed ? `; its memory limit is ${limitMb} MB` : ''}`,
    errorType: how.outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError',
    errorMessage: code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${words}`,
  };
}

/** In AWS's words, which are Go's; and for the log what to do. */
function notStarted(error: NodeJS.ErrnoException & { path?: string }): Omit<Failure, 'kind' | 'code'> {
  const words = ERRNOS[error.code ?? ''];
  const errorMessage = words ? `fork/exec ${error.path}: ${words}` : error.message;
  const [, remedy] = REMEDIES.find(([end]) => end.test(errorMessage)) ?? [];
  return {
    detail: `the process could not be started: ${errorMessage}${remedy ? ` (${remedy})` : ''}`,
    errorType: 'Runtime.InvalidEntrypoint',
    errorMessage,
  };
}

const ERRNOS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory',
  ENOEXEC: 'exec format error',
};

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^Couldn't find valid bootstrap/, 'put an executable file named bootstrap at the root of the code or of a layer'],
  [/: permission denied$/, 'make it executable before it is packed: chmod +x'],
  [/: no such file or directory$/, 'it is not there, or what its first line or its ELF header names as interpreter is not in the image'],
  [/: exec format error$/, `it is no program for linux/${process.arch === 'x64' ? 'amd64' : process.arch}; a script begins with #!`],
];

/** What is known of an extension's end. */
export interface ExtensionEnd {
  code?: number | null;
  signal?: NodeJS.Signals | null;
  /** Why it could not be started. */
  message?: string;
}

/** An extension failed, and with it the environment. `state` and `said`: what it was, and what it said of itself before. */
export function extensionFailure(name: string, state: string, said: string | undefined, { code, signal, message }: ExtensionEnd): Failure {
  const kind = state === 'InitError' || state === 'ExitError' || state === 'LaunchError' ? state : 'Crash';
  const how = message ?? (code === 0 ? 'exit code 0' : signal ? `signal: ${SIGNALS[signal] ?? signal}` : `exit status ${code}`);
  return {
    kind: 'error',
    code: 'ExtensionFailed',
    detail: `extension ${name}: ${how}${said === undefined ? '' : ` (${said})`}`,
    errorType: `Extension.${kind}`,
    errorMessage: how,
  };
}

/** How a process ended. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It could not even be started. */
  error: Error | undefined;
  /** By SIGKILL, or as a shell tells it. */
  killed: boolean;
  /** The kernel says that it was for memory. */
  outOfMemory: boolean;
}

/** As Go prints them, in which AWS's lines are written. */
const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
};

/** "Task timed out after 3.00 seconds" */
export function timedOut(code: 'HandlerTimeout' | 'InitTimeout', timeoutMillis: number, detail: string): Failure {
  return {
    kind: 'error',
    code,
    detail,
    errorType: 'Sandbox.Timedout',
    errorMessage: `Task timed out after ${(timeoutMillis / 1000).toFixed(2)} seconds`,
  };
}

/** Bytes. */
export function responseTooLarge(size: number, limit: number): Failure {
  return {
    kind: 'error',
    code: 'ResponseTooLarge',
    detail: `the response is ${size} bytes long`,
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${size} bytes) exceeded maximum allowed payload size (${limit} bytes).`,
  };
}
