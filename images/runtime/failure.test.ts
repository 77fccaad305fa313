import { describe, expect, it } from 'vitest';
import { exitFailure, type Failure, invokePayload, type ProcessEnd, postedFailure, responseTooLarge, timedOut } from './failure.ts';

const ID = '8f5e8b6c-0000-4000-8000-000000000000';

describe('a failed invocation as AWS tells it', () => {
  const exit = (end: Partial<ProcessEnd>): Failure =>
    exitFailure({ code: null, signal: null, error: undefined, killed: false, outOfMemory: false, ...end }, false, 128);
  const TABLE: [string, Failure, string, string][] = [
    ['a timeout', timedOut('HandlerTimeout', 3500, '-'), 'Sandbox.Timedout', 'Task timed out after 3.50 seconds'],
    ['an exit', exit({ code: 3 }), 'Runtime.ExitError', 'Runtime exited with error: exit status 3'],
    ['a quiet exit', exit({ code: 0 }), 'Runtime.ExitError', 'Runtime exited without providing a reason'],
    ['a signal', exit({ signal: 'SIGTERM' }), 'Runtime.ExitError', 'Runtime exited with error: signal: terminated'],
    ['a kill', exit({ signal: 'SIGKILL', killed: true }), 'Runtime.ExitError', 'Runtime exited with error: signal: killed'],
    [
      'a kill for memory',
      exit({ code: 137, killed: true, outOfMemory: true }),
      'Runtime.OutOfMemory',
      'Runtime exited with error: signal: killed',
    ],
    [
      'a program that may not be run',
      exit({ error: Object.assign(new Error('spawn x EACCES'), { code: 'EACCES', path: 'x' }) }),
      'Runtime.InvalidEntrypoint',
      'fork/exec x: permission denied',
    ],
    [
      'no program',
      exit({ error: new Error("Couldn't find valid bootstrap(s): [a b]") }),
      'Runtime.InvalidEntrypoint',
      "Couldn't find valid bootstrap(s): [a b]",
    ],
    ['what has no type', { kind: 'error', code: 'InvalidResponse', detail: 'no answer' }, 'Runtime.Unknown', 'no answer'],
  ];
  it.each(TABLE)('%s', (_what, failure, errorType, message) => {
    const errorMessage = `RequestId: ${ID} Error: ${message}`;
    expect(JSON.parse(invokePayload(failure, ID).toString())).toEqual({ errorType, errorMessage });
  });

  it('a response that is too large, without the request’s id', () => {
    expect(JSON.parse(invokePayload(responseTooLarge(11, 10), ID).toString())).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size (11 bytes) exceeded maximum allowed payload size (10 bytes).',
    });
  });

  it('what the runtime posted goes through as it is', () => {
    for (const text of ['{"errorMessage":"own"}', 'null', ''])
      expect(invokePayload(postedFailure('HandlerError', Buffer.from(text), 'T'), ID).toString()).toBe(text);
  });
});
