import type { HttpHead } from '../direct-head.ts';
import type { EventFacts } from '../translation.ts';

/** What a test says of a request. */
export interface Parts {
  url?: string;
  method?: string;
  headers?: [string, string][];
  body?: Buffer;
}

export const facts: EventFacts = { id: 'id-1', function: 'hello', traceId: 'Root=1-2-3', now: new Date('2026-11-24T08:12:35.120Z') };

/** The head of a request as Node has it: of several values of a name, `headers` has the last (the tests look at rawHeaders for the others). */
export function head({ url = '/', method = 'GET', headers: pairs = [] }: Parts): HttpHead {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs) headers[name.toLowerCase()] = value;
  return { url, method, httpVersion: '1.1', headers, rawHeaders: pairs.flat(), socket: { remoteAddress: '::ffff:10.0.0.9' } };
}
