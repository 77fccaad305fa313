import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { Field, fieldKind } from '../http1/fields.ts';

/** End-to-end fields of an HTTP/2 block, names and values alternating; without pseudo-fields and what is told apart. */
export function endToEnd(headers: IncomingHttpHeaders): string[] {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    const kind = fieldKind(name);
    if (kind !== Field.other && kind !== Field.traceparent) continue;
    if (Array.isArray(value)) for (const one of value) fields.push(name, one);
    else fields.push(name, value);
  }
  return fields;
}

/** Fields as HTTP/2 wants them: names in lower case, and nothing that speaks of one connection (RFC 9113, 8.2.2). */
export function outgoing(fields: readonly string[], into: OutgoingHttpHeaders): OutgoingHttpHeaders {
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] as string).toLowerCase();
    const value = fields[i + 1] as string;
    if (fieldKind(name) !== Field.other && fieldKind(name) < Field.expect) continue;
    const before = into[name];
    if (before === undefined) into[name] = value;
    else if (Array.isArray(before)) before.push(value);
    // Of these there is one: node refuses a second, and the first counts.
    else if (!SINGLE.has(name)) into[name] = [String(before), value];
  }
  return into;
}

const SINGLE = new Set([
  'content-type',
  'date',
  'etag',
  'server',
  'location',
  'user-agent',
  'authorization',
  'referer',
  'from',
  'age',
  'expires',
]);

export function isGrpc(contentType: string | undefined): boolean {
  return contentType?.startsWith('application/grpc') === true;
}
