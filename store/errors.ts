/** Everything the store refuses, with its HTTP status and what to do about it. */
export const ERRORS = {
  BadToken: {
    status: 403,
    message: 'the token is not for this: it is derived from the installation’s announce key and names one blob or one source',
  },
  NoSuchPath: { status: 404, message: 'there is no such path: /v1/blobs and /v1/blobs/DIGEST are' },
  BadDigest: { status: 400, message: 'a digest is the 64 hexadecimal digits of a SHA-256, in lower case' },
  BlobNotFound: {
    status: 404,
    message: 'the store has no such blob: the operator has it fetched again when a Function still refers to it',
  },
  MethodNotAllowed: { status: 405, message: 'a blob is read (GET, HEAD), written (PUT) or deleted (DELETE)' },
  BlobTooLarge: { status: 413, message: 'the blob is larger than the store takes: make the code smaller, or raise store.maxBlobBytes' },
  DigestMismatch: {
    status: 422,
    message: 'what came has another SHA-256 than the path says: it was changed or cut on its way; send it again',
  },
  StoreFull: {
    status: 507,
    message: 'the store’s volume is full: enlarge it (store.persistence.size), or delete Functions that nobody needs',
  },
  Internal: { status: 500, message: 'the store could not read or write its volume: its log says why' },
} as const satisfies Record<string, { status: number; message: string }>;

export type StoreErrorCode = keyof typeof ERRORS;

/** A refusal, thrown where it is found and answered where the request came in. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly detail: string | undefined;

  constructor(code: StoreErrorCode, detail?: string) {
    super(detail === undefined ? ERRORS[code].message : `${ERRORS[code].message} (${detail})`);
    this.code = code;
    this.detail = detail;
  }
}
