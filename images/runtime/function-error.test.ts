import { describe, expect, it } from 'vitest';
import type { ErrorCode } from './errors.ts';
import { functionError } from './function-error.ts';

describe('a failed invocation as AWS tells it', () => {
  const ID = '8f5e8b6c-0000-4000-8000-000000000000';
  const told = `RequestId: ${ID} Error: `;
  const TABLE: [ErrorCode, string, string, string][] = [
    ['HandlerTimeout', 'no answer', 'Sandbox.Timedout', `${told}Task timed out after 3.50 seconds`],
    ['InitTimeout', 'not loaded', 'Sandbox.Timedout', `${told}Task timed out after 3.50 seconds`],
    ['HandlerKilled', 'the process was ended by SIGKILL', 'Runtime.ExitError', `${told}Runtime exited with error: signal: killed`],
    ['HandlerExited', 'the process exited with code 3', 'Runtime.ExitError', `${told}Runtime exited with error: exit status 3`],
    ['HandlerExited', 'the process exited with code 0', 'Runtime.ExitError', `${told}Runtime exited without providing a reason`],
    ['HandlerExited', 'the process was ended by SIGSEGV', 'Runtime.ExitError', `${told}Runtime exited with error: signal: SIGSEGV`],
    [
      'InitFailed',
      'the process could not be started: ENOENT',
      'Runtime.ExitError',
      `${told}Runtime exited with error: the process could not be started: ENOENT`,
    ],
    ['InvalidResponse', 'no answer to this one', 'Runtime.InvalidResponse', `${told}no answer to this one`],
    [
      'ResponseTooLarge',
      '-',
      'Function.ResponseSizeTooLarge',
      'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    ],
    ['HandlerError', 'what it was', 'Runtime.Unknown', `${told}what it was`],
  ];
  it.each(TABLE)('%s, %s', (code, detail, errorType, errorMessage) => {
    const body = functionError({ kind: 'error', code, detail }, { id: ID, timeoutMillis: 3500 });
    expect(JSON.parse(body.toString())).toEqual({ errorType, errorMessage });
  });

  it('what the runtime said itself goes through as it is', () => {
    const payload = Buffer.from('{"errorMessage":"own"}');
    expect(functionError({ kind: 'error', code: 'HandlerError', detail: '', payload }, { id: ID, timeoutMillis: 1 })).toBe(payload);
    const empty = functionError(
      { kind: 'error', code: 'HandlerError', detail: 'x', payload: Buffer.alloc(0) },
      { id: ID, timeoutMillis: 1 },
    );
    expect(empty.toString()).toContain('Runtime.Unknown');
  });
});
