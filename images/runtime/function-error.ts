import type { Outcome } from './invocation.ts';

/** What of an invocation AWS's words tell. */
export interface Told {
  id: string;
  timeoutMillis: number;
}

/**
 * A failed invocation as AWS tells its caller of it (200, X-Amz-Function-Error: Unhandled): what the runtime said itself, else what became of its process.
 *
 * functionError({kind: 'error', code: 'HandlerTimeout', …}, {id: 'ID', timeoutMillis: 3000})
 *   → {"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 3.00 seconds"}
 */
export function functionError(outcome: Outcome & { kind: 'error' }, { id, timeoutMillis }: Told): Buffer {
  const error = (errorType: string, message: string): Buffer =>
    Buffer.from(JSON.stringify({ errorType, errorMessage: `RequestId: ${id} Error: ${message}` }));
  if (outcome.payload && outcome.payload.length > 0) return outcome.payload;
  switch (outcome.code) {
    case 'HandlerTimeout':
    case 'InitTimeout':
      return error('Sandbox.Timedout', `Task timed out after ${(timeoutMillis / 1000).toFixed(2)} seconds`);
    case 'ResponseTooLarge':
      return Buffer.from(
        JSON.stringify({
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
        }),
      );
    case 'HandlerKilled':
      return error('Runtime.ExitError', 'Runtime exited with error: signal: killed');
    case 'HandlerExited':
    case 'InitFailed':
      return error('Runtime.ExitError', exit(outcome.detail));
    case 'InvalidResponse':
      return error('Runtime.InvalidResponse', outcome.detail);
    default:
      return error('Runtime.Unknown', outcome.detail);
  }
}

/** "the process exited with code 1" as AWS says it. */
function exit(detail: string): string {
  const [, code] = /exited with code (\d+)/.exec(detail) ?? [];
  if (code === '0') return 'Runtime exited without providing a reason';
  if (code !== undefined) return `Runtime exited with error: exit status ${code}`;
  const [, signal] = /was ended by (SIG[A-Z0-9]+)/.exec(detail) ?? [];
  return `Runtime exited with error: ${signal === undefined ? detail : `signal: ${signal}`}`;
}
