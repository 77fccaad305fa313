import { LULL_FIELDS } from '../../common/api/names.ts';
import { ProtocolError } from './message.ts';

/** RFC 9110, 5.6.2: the characters of a token, by code. */
export const TOKEN = new Uint8Array(256);
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") TOKEN[c.charCodeAt(0)] = 1;

/** What a field is to a proxy. Everything else is passed on untouched. */
export const Field = {
  other: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  /** Speaks of one connection only, and is dropped (RFC 9110, 7.6.1). */
  hopByHop: 5,
  keepAlive: 6,
  te: 7,
  expect: 8,
  upgrade: 9,
  forwarded: 10,
  requestId: 11,
  traceparent: 12,
} as const;
export type FieldKind = (typeof Field)[keyof typeof Field];

/** Kinds by name; by the usual spellings too, so that most lookups need no lower case made first. */
const KINDS = new Map<string, FieldKind>();
const register = (kind: FieldKind, names: string): void => {
  for (const name of names.split(' ')) {
    KINDS.set(name, kind);
    KINDS.set(name.toLowerCase(), kind);
  }
};
register(Field.host, 'Host');
register(Field.contentLength, 'Content-Length');
register(Field.transferEncoding, 'Transfer-Encoding');
register(Field.connection, 'Connection');
register(Field.hopByHop, 'Proxy-Connection Proxy-Authenticate Proxy-Authorization HTTP2-Settings');
// What the activator alone tells a pod: of clients it is not taken.
register(Field.hopByHop, LULL_FIELDS.join(' '));
register(Field.keepAlive, 'Keep-Alive');
register(Field.te, 'TE');
register(Field.expect, 'Expect');
register(Field.upgrade, 'Upgrade');
register(
  Field.forwarded,
  'X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server Forwarded X-Real-IP',
);
register(Field.requestId, 'X-Request-Id X-Request-ID');
register(Field.traceparent, 'Traceparent');
register(
  Field.other,
  'Accept Accept-Encoding Accept-Language Authorization Cache-Control Content-Type Cookie Date Etag ETag Last-Modified Origin Pragma Referer Server Set-Cookie User-Agent Vary X-Powered-By',
);
// CGI and WSGI make the same variable of X_Forwarded_For and X-Forwarded-For: those who spell so would pass the checks by.
register(
  Field.hopByHop,
  'content_length transfer_encoding x_forwarded_for x_forwarded_proto x_forwarded_host x_forwarded_port x_forwarded_prefix x_real_ip x_request_id',
);

export function fieldKind(name: string): FieldKind {
  return KINDS.get(name) ?? KINDS.get(name.toLowerCase()) ?? Field.other;
}

/** Called for each field line. */
export interface FieldSink {
  field(name: string, value: string): void;
}

/**
 * Reads field lines from `at` up to the empty line that ends them, strictly (RFC 9112, 5): a name is a token directly followed by a colon, so there is no
 * folding and no space before the colon; a value has no control characters; a line ends with CR LF and nothing else.
 * @param text Latin-1, ending with the empty line
 */
export function readFields(text: string, at: number, maxFields: number, sink: FieldSink): void {
  const end = text.length - 2;
  let count = 0;
  let i = at;
  while (i < end) {
    const nameAt = i;
    let c = text.charCodeAt(i);
    while (TOKEN[c] === 1) c = text.charCodeAt(++i);
    if (c !== 58 || i === nameAt) throw new ProtocolError('BadRequest', badName(c, i === nameAt));
    const name = text.slice(nameAt, i);
    c = text.charCodeAt(++i);
    while (c === 32 || c === 9) c = text.charCodeAt(++i);
    const valueAt = i;
    while (c !== 13) {
      if ((c < 32 && c !== 9) || c === 127) throw new ProtocolError('BadRequest', `a control character in the value of ${name}`);
      c = text.charCodeAt(++i);
    }
    if (text.charCodeAt(i + 1) !== 10) throw new ProtocolError('BadRequest', `a bare CR in the value of ${name}`);
    let valueEnd = i;
    while (valueEnd > valueAt && (text.charCodeAt(valueEnd - 1) === 32 || text.charCodeAt(valueEnd - 1) === 9)) valueEnd -= 1;
    i += 2;
    count += 1;
    if (count > maxFields) throw new ProtocolError('TooManyFields', `more than ${maxFields} header fields`);
    sink.field(name, text.slice(valueAt, valueEnd));
  }
}

function badName(c: number, atStart: boolean): string {
  if (c === 32 || c === 9) return atStart ? 'a folded header line' : 'a space in a header field’s name';
  return 'a header field’s name that is not a token';
}

/** The members of a comma-separated list, in lower case. */
export function listMembers(value: string): string[] {
  const members: string[] = [];
  for (const member of value.toLowerCase().split(',')) {
    const trimmed = member.trim();
    if (trimmed !== '') members.push(trimmed);
  }
  return members;
}

/** A length as RFC 9110, 8.6 has it: digits only, and one that a number can hold. */
export function contentLength(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value)) throw new ProtocolError('BadRequest', 'Content-Length is not a number');
  return Number(value);
}

/** Takes out the fields that Connection names, which are for this connection only; those that the routing and framing stand on stay. */
export function withoutNamed(fields: string[], named: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!named.includes((fields[i] as string).toLowerCase())) kept.push(fields[i] as string, fields[i + 1] as string);
  }
  return kept;
}
