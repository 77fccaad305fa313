import type { ServerResponse } from 'node:http';

/** How the Runtime API refuses: status and AWS's error JSON (the words are those of AWS's Runtime Interface Emulator, where it has the case). */
export interface RuntimeError {
  status: number;
  type: string;
  message: string;
}

/** Content type of an error that carries its cause for X-Ray along. */
export const ERROR_CAUSE = 'application/vnd.aws.lambda.error.cause+json';

export const RUNTIME_ERRORS = {
  notFound: { status: 404, type: 'NotFound', message: 'No such path in the Runtime API 2018-06-01.' },
  wrongMethod: { status: 405, type: 'MethodNotAllowed', message: 'This path of the Runtime API takes another method.' },
  noRestore: {
    status: 404,
    type: 'NotFound',
    message: 'There is no SnapStart here: nothing is ever restored. AWS_LAMBDA_INITIALIZATION_TYPE is on-demand.',
  },
  invalidRequestId: { status: 400, type: 'InvalidRequestID', message: 'Invalid request ID' },
  invalidMode: { status: 400, type: 'InvalidFunctionResponseMode', message: 'Invalid function response mode' },
  truncated: { status: 400, type: 'TruncatedHTTPRequest', message: 'HTTP request detected as truncated' },
  tooLarge: { status: 413, type: 'RequestEntityTooLarge', message: 'Exceeded maximum allowed payload size (6291556 bytes).' },
} as const satisfies Record<string, RuntimeError>;

/** A call that does not fit what the runtime did before. */
export function wrongState(from: string, to: string): RuntimeError {
  const message = `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`;
  return { status: 403, type: 'InvalidStateTransition', message };
}

export function sendRuntimeError(res: ServerResponse, { status, type, message }: RuntimeError): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'Content-Type': 'application/json' });
  res.end(`${JSON.stringify({ errorMessage: message, errorType: type })}\n`);
}

/** The error alone, as it goes to the caller; what cannot be read becomes a string that says so. */
export function withoutCause(body: Buffer | undefined): Buffer {
  try {
    const { errorMessage, errorType, stackTrace } = JSON.parse(body?.toString() ?? '') as Record<string, unknown>;
    return Buffer.from(JSON.stringify({ errorMessage, errorType, stackTrace }));
  } catch {
    return Buffer.from('"Invalid error body"');
  }
}
