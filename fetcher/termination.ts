import type { FetchError } from './errors.ts';

/** What `pack` says when all went well. */
export interface Packed {
  /** SHA-256 of the bundle, hex. */
  digest: string;
  /** Of the bundle. */
  bytes: number;
  /** Of its files. */
  unpackedBytes: number;
  files: number;
  /** Git's, in full. */
  commit?: string;
}

/** The kubelet keeps 4096 bytes of a termination message; JSON that is cut off is none. */
const MAX_MESSAGE_CHARACTERS = 900;

/** The container's termination message, which the operator reads; at most 4096 bytes, as a character takes at most 4 of them in JSON. */
export function terminationMessage(outcome: Packed | FetchError): string {
  if (!(outcome instanceof Error)) return JSON.stringify(outcome);
  // A control character would take 6 bytes.
  const message = outcome.message
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_MESSAGE_CHARACTERS)
    .toWellFormed();
  return JSON.stringify({ error: { code: outcome.code, message } });
}
