import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { storeToken, WRITE_HEADER } from '../common/api/store.ts';

/** What a request wants to do. */
export type Wanted = { kind: 'read'; digest: string } | { kind: 'write' } | { kind: 'admin' };

const SOURCE = /^[a-z0-9][-a-z0-9]{0,62}\/[-a-zA-Z0-9.]{1,128}$/;

/** Whether the bearer token is for that: derived from the key for one blob to read, for one source to write, or for what the operator does. Compares in constant time. */
export function isAllowed(wanted: Wanted, headers: IncomingHttpHeaders, key: string): boolean {
  const what = subject(wanted, headers);
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  if (what === undefined || given === undefined) return false;
  return timingSafeEqual(sha256(given), sha256(storeToken(key, what)));
}

function subject(wanted: Wanted, headers: IncomingHttpHeaders): string | undefined {
  if (wanted.kind === 'admin') return 'admin';
  if (wanted.kind === 'read') return `read/${wanted.digest}`;
  const source = headers[WRITE_HEADER.toLowerCase()];
  return typeof source === 'string' && SOURCE.test(source) ? `write/${source}` : undefined;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
