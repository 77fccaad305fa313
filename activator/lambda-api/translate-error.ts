import { AwsError } from '../../common/lambda-api/aws-error.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';

/** A function's failure: 200, X-Amz-Function-Error, and this body. */
export interface FunctionFailure {
  errorType: string;
  errorMessage: string;
}

/** What of an invocation's circumstances AWS's words tell. */
export interface Circumstances {
  requestId: string;
  arn: string;
  timeoutSeconds: number;
  /** Why the function's code could not be fetched, in one word. */
  codeProblem?: string | undefined;
}

/**
 * An error of Lull's, of the activator's catalogue or the bridge's (X-Lull-Error), as AWS has it. SDKs send a request again by themselves when it is answered 429 or
 * 5xx: so only what certainly did not run is answered that way, and what may have run is the function's failure, as when a sandbox of AWS's goes away.
 */
export function translateError(code: string, { requestId, arn, timeoutSeconds, codeProblem }: Circumstances): AwsError | FunctionFailure {
  switch (code) {
    case 'NoSuchFunction':
    case 'FunctionDeleted':
      return new AwsError('ResourceNotFoundException', `Function not found: ${arn}`);
    case 'FunctionStopped':
      // What reserving no concurrency is there.
      return new AwsError('TooManyRequestsException', RATE_EXCEEDED, 'ReservedFunctionConcurrentInvocationLimitExceeded');
    case 'CodeNotReady':
      // As there, of a function whose State is Failed; SDKs do not repeat it.
      return new AwsError(
        'ResourceConflictException',
        `The operation cannot be performed at this time. The function is currently in the following state: Failed (its code is not ready: ${codeProblem ?? 'see GetFunction'})`,
      );
    case 'TooManyHeld':
    case 'HoldTimeout':
    case 'OverConcurrency':
    case 'Draining':
      return new AwsError('TooManyRequestsException', RATE_EXCEEDED, 'ConcurrentInvocationLimitExceeded');
    case 'FunctionTimeout':
      return timedOut(requestId, timeoutSeconds);
    case 'RequestTooLarge':
    case 'BodyTooLarge':
      return requestTooLarge();
    case 'RequestTimeout':
      return new AwsError('RequestTimeoutException', ERRORS.RequestTimeout.message);
    case 'PodUnreachable':
    case 'PodAnswerBroken':
      return { errorType: 'Sandbox.Failure', errorMessage: `RequestId: ${requestId} Error: ${ERRORS[code].message}` };
    default:
      return new AwsError(
        'ServiceException',
        code in ERRORS ? ERRORS[code as ErrorCode].message : `Lull could not answer this call (${code}).`,
      );
  }
}

const RATE_EXCEEDED = 'Rate Exceeded.';

/** Seconds as AWS writes them: 3.00. */
function timedOut(requestId: string, seconds: number): FunctionFailure {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  };
}

/** What AWS takes for a synchronous invocation: 6 MiB. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

export function requestTooLarge(): AwsError {
  return new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
  );
}
