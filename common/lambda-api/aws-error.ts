/** One kind of AWS's errors: its HTTP status, whose fault it is, and how its body spells "message" (Lambda's API model has both). */
interface Kind {
  status: number;
  type?: 'User' | 'Service';
  key: 'message' | 'Message';
}

/** Errors as AWS Lambda's API has them; clients tell them by these names. The last two are Lull's own: what of the API is not served, and what is no part of it. */
const KINDS = {
  MissingAuthenticationTokenException: { status: 403, key: 'message' },
  IncompleteSignatureException: { status: 403, key: 'message' },
  InvalidSignatureException: { status: 403, key: 'message' },
  UnrecognizedClientException: { status: 403, key: 'message' },
  AccessDeniedException: { status: 403, key: 'Message' },
  ResourceNotFoundException: { status: 404, type: 'User', key: 'Message' },
  InvalidParameterValueException: { status: 400, type: 'User', key: 'message' },
  InvalidRequestContentException: { status: 400, type: 'User', key: 'message' },
  ResourceConflictException: { status: 409, type: 'User', key: 'message' },
  PreconditionFailedException: { status: 412, type: 'User', key: 'message' },
  CodeStorageExceededException: { status: 400, type: 'User', key: 'message' },
  ProvisionedConcurrencyConfigNotFoundException: { status: 404, type: 'User', key: 'message' },
  SerializationException: { status: 400, key: 'message' },
  RequestEntityTooLargeException: { status: 413, key: 'message' },
  RequestTimeoutException: { status: 408, type: 'User', key: 'message' },
  RequestTooLargeException: { status: 413, type: 'User', key: 'message' },
  TooManyRequestsException: { status: 429, type: 'User', key: 'message' },
  ServiceException: { status: 500, type: 'Service', key: 'Message' },
  NotImplementedException: { status: 501, type: 'Service', key: 'Message' },
  UnknownOperationException: { status: 404, type: 'User', key: 'Message' },
} as const satisfies Record<string, Kind>;

export type AwsErrorCode = keyof typeof KINDS;

/** Why a call of Lambda's API is refused, as its caller is told. */
export class AwsError extends Error {
  readonly code: AwsErrorCode;
  /** TooManyRequestsException says which limit it was. */
  readonly reason: string | undefined;

  constructor(code: AwsErrorCode, message: string, reason?: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  get status(): number {
    return KINDS[this.code].status;
  }

  get body(): string {
    const kind: Kind = KINDS[this.code];
    return JSON.stringify({
      ...(this.reason !== undefined && { Reason: this.reason }),
      ...(kind.type !== undefined && { Type: kind.type }),
      [kind.key]: this.message,
    });
  }
}
