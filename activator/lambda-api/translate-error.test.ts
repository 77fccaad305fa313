import { expect, it } from 'vitest';
import { AwsError } from '../../common/lambda-api/aws-error.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { clientContext } from './client-context.ts';
import { translateError } from './translate-error.ts';

const ABOUT = { requestId: 'ID', arn: 'arn:f', timeoutSeconds: 3 };

/** Codes whose request certainly reached no handler. */
const DID_NOT_RUN: readonly string[] = ['FunctionStopped', 'TooManyHeld', 'HoldTimeout', 'OverConcurrency', 'Draining'];

it.each([...Object.keys(ERRORS), 'OverConcurrency', 'Draining', 'NotAnEvent'])('%s has a place among AWS’s', (code) => {
  const error = translateError(code, ABOUT);
  // SDKs repeat 429 and 5xx by themselves: never what may have run.
  if (DID_NOT_RUN.includes(code)) expect(error).toMatchObject({ code: 'TooManyRequestsException', status: 429 });
  else if (['FunctionTimeout', 'PodUnreachable', 'PodAnswerBroken'].includes(code)) expect(error).not.toBeInstanceOf(AwsError);
  else expect(error).toBeInstanceOf(AwsError);
});

it('a function that does not answer has timed out, as AWS words it', () => {
  expect(translateError('FunctionTimeout' satisfies ErrorCode, ABOUT)).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: ID Error: Task timed out after 3.00 seconds',
  });
});

it('a function whose code could not be fetched is in the state Failed, and SDKs do not repeat that', () => {
  expect(translateError('CodeNotReady', { ...ABOUT, codeProblem: 'DigestMismatch' })).toMatchObject({
    code: 'ResourceConflictException',
    status: 409,
    message: expect.stringMatching(/state: Failed \(.*DigestMismatch\)$/),
  });
});

it('bodies are spelt as AWS spells them', () => {
  expect(JSON.parse(new AwsError('ResourceNotFoundException', 'm').body)).toEqual({ Type: 'User', Message: 'm' });
  expect(JSON.parse(new AwsError('TooManyRequestsException', 'm', 'r').body)).toEqual({ Reason: 'r', Type: 'User', message: 'm' });
  expect(JSON.parse(new AwsError('InvalidSignatureException', 'm').body)).toEqual({ message: 'm' });
});

it('client context becomes one line of ASCII that says the same', () => {
  const context = { custom: { a: 'ü\r\n😀', b: [1, null] } };
  const given = clientContext(Buffer.from(JSON.stringify(context, null, 1)).toString('base64')) as string;
  expect(given).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(given)).toEqual(context);
  expect([clientContext(undefined), clientContext('')]).toEqual([undefined, undefined]);
  for (const wrong of ['!', 'bm8=', 'MQ==', 'a'.repeat(3584)]) expect(() => clientContext(wrong)).toThrow(/^Client context must be/);
});
