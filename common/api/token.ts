import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What a token speaks for. */
export interface TokenSubject {
  namespace: string;
  function: string;
  revision: string;
}

/**
 * The token by which pods of one revision announce themselves: HMAC-SHA256 over "namespace/function/revision" under the installation's key, base64url.
 * Derived, not stored: the operator writes it into the pod template, any activator with the key checks it, and one revision's token is no use to another.
 */
export function announceToken(key: string, subject: TokenSubject): string {
  return createHmac('sha256', key).update(`${subject.namespace}/${subject.function}/${subject.revision}`).digest('base64url');
}

/** Compares in constant time. */
export function isAnnounceToken(token: string, key: string, subject: TokenSubject): boolean {
  const expected = Buffer.from(announceToken(key, subject));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Digest of inline code, by which a pod asks for it: SHA-256 over names and contents in the order of names, each ended by a NUL, hex. */
export function codeDigest(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name]}\0`);
  return hash.digest('hex');
}
