import type { AccessKey } from './access-key.ts';
import type { AccessKeys } from './access-keys.ts';
import { AwsError } from './aws-error.ts';
import { readSignature, type Signature, type SignedRequest } from './signature.ts';
import { canonicalRequest, checkSignature, checkTime, signingKeyOf } from './sigv4.ts';

/** A request's head, as it was sent. */
export interface CallHead extends SignedRequest {
  /** Names of all its headers, in lower case. */
  readonly headerNames: Iterable<string>;
}

/** Who calls, as far as the head says; whether it is true shows when the body is there. */
export interface Claim {
  key: AccessKey;
  signature: Signature;
  request: SignedRequest;
  /** What stands for the body in what was signed; undefined where that is the body's own hash. */
  payloadHash: string | undefined;
}

/** Signing keys that are kept: one a key, day and region. */
const MAX_SIGNING_KEYS = 1000;
const NOT_VALID = 'The security token included in the request is invalid.';
const SHA256 = /^[0-9a-f]{64}$/;

/** Tells who calls by AWS's Signature Version 4. */
export class Authentication {
  readonly #keys: Pick<AccessKeys, 'get'>;
  readonly #now: () => number;
  /** Calls with what was expected to be signed, when a signature is wrong: for debug logs, never for the caller. */
  readonly #mismatch: (accessKeyId: string, canonical: string) => void;
  readonly #signingKeys = new Map<string, Buffer>();

  /** @param now Unix milliseconds */
  constructor(keys: Pick<AccessKeys, 'get'>, now: () => number, mismatch: (accessKeyId: string, canonical: string) => void) {
    this.#keys = keys;
    this.#now = now;
    this.#mismatch = mismatch;
  }

  /** Checks all that can be without the body: form, time, key. Throws AwsError. @param encrypted the connection is */
  claim(request: CallHead, encrypted: boolean): Claim {
    const signature = readSignature(request);
    const key = this.#keys.get(signature.accessKeyId);
    if (!key) throw new AwsError('UnrecognizedClientException', NOT_VALID);
    // Temporary credentials of AWS's in the environment beside a key of ours.
    if (signature.securityToken !== undefined)
      throw new AwsError('UnrecognizedClientException', `${NOT_VALID} Keys of Lull have no session token: unset AWS_SESSION_TOKEN.`);
    checkTime(signature, this.#now());
    return { key, signature, request, payloadHash: payloadHashOf(request, signature, encrypted) };
  }

  /** Checks the signature. Throws AwsError. @param bodyHash SHA-256 of the body in hex */
  check({ key, signature, request, payloadHash }: Claim, bodyHash: string): void {
    if (payloadHash !== undefined && SHA256.test(payloadHash) && payloadHash !== bodyHash)
      throw new AwsError('InvalidSignatureException', "The value of 'X-Amz-Content-Sha256' is not the hash of the body.");
    const canonical = canonicalRequest(request, signature, payloadHash ?? bodyHash);
    try {
      checkSignature(signature, canonical, this.#signingKey(key, signature));
    } catch (error) {
      this.#mismatch(key.id, canonical);
      throw error;
    }
  }

  #signingKey(key: AccessKey, signature: Signature): Buffer {
    // With the secret, which may be another one tomorrow under the same id.
    const id = `${key.secret} ${signature.date} ${signature.region}`;
    let signingKey = this.#signingKeys.get(id);
    if (!signingKey) {
      signingKey = signingKeyOf(key.secret, signature);
      if (this.#signingKeys.size >= MAX_SIGNING_KEYS) this.#signingKeys.clear();
      this.#signingKeys.set(id, signingKey);
    }
    return signingKey;
  }
}

/** Headers that change what a call does must be signed: a presigned URL must not be given others on its way. */
function payloadHashOf(request: CallHead, signature: Signature, encrypted: boolean): string | undefined {
  for (const name of request.headerNames) {
    if (name.startsWith('x-amz-') && !signature.signedHeaders.includes(name))
      throw new AwsError('InvalidSignatureException', `'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  const hash = request.header('x-amz-content-sha256');
  if (hash === undefined || SHA256.test(hash)) return hash;
  if (hash === 'UNSIGNED-PAYLOAD' && encrypted) return hash;
  throw new AwsError(
    'InvalidSignatureException',
    hash === 'UNSIGNED-PAYLOAD'
      ? 'UNSIGNED-PAYLOAD is taken on encrypted connections only: use HTTPS, or sign the payload.'
      : `'${hash.slice(0, 64)}' is not supported as 'X-Amz-Content-Sha256': sign the whole payload.`,
  );
}
