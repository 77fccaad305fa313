import { contentLength, Field, type FieldSink, fieldKind, listMembers, readFields, TOKEN, withoutNamed } from './fields.ts';
import { CHUNKED, type HeadLimits, ProtocolError, type RequestHead } from './message.ts';

/** RFC 3986's host and port, without user information, which has no business in a request (RFC 9110, 4.2.4). */
const HOST = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;
const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)$/i;

/** Gathers what a proxy has to know of a request's fields. */
class Reader implements FieldSink {
  host: string | undefined;
  fields: string[] = [];
  forwarded: string[] = [];
  length = -1;
  chunked = false;
  close = false;
  keepAlive = false;
  wantsUpgrade = false;
  named: string[] | undefined;
  upgrade: string | undefined;
  acceptsTrailers = false;
  expectsContinue = false;
  requestId: string | undefined;
  traceparent: string | undefined;

  field(name: string, value: string): void {
    switch (fieldKind(name)) {
      case Field.other:
        this.fields.push(name, value);
        return;
      case Field.host:
        if (this.host !== undefined) throw new ProtocolError('BadRequest', 'Host is given twice');
        if (!HOST.test(value)) throw new ProtocolError('BadRequest', 'Host is not a host name and port');
        this.host = value;
        return;
      case Field.contentLength:
        if (this.length >= 0) throw new ProtocolError('BadRequest', 'Content-Length is given twice');
        this.length = contentLength(value);
        return;
      case Field.transferEncoding:
        if (this.chunked) throw new ProtocolError('BadRequest', 'Transfer-Encoding is given twice');
        if (value.toLowerCase() !== 'chunked')
          throw new ProtocolError('UnsupportedTransferCoding', 'a Transfer-Encoding other than chunked');
        this.chunked = true;
        return;
      case Field.connection:
        this.#connection(value);
        return;
      case Field.te:
        if (listMembers(value).some((member) => member.startsWith('trailers'))) this.acceptsTrailers = true;
        return;
      case Field.expect:
        if (value.toLowerCase() !== '100-continue') throw new ProtocolError('ExpectationFailed', 'an Expect other than 100-continue');
        this.expectsContinue = true;
        return;
      case Field.upgrade:
        this.upgrade = this.upgrade === undefined ? value : `${this.upgrade}, ${value}`;
        return;
      case Field.forwarded:
        this.forwarded.push(name, value);
        return;
      case Field.requestId:
        this.requestId = value;
        return;
      case Field.traceparent:
        this.traceparent = value;
        this.fields.push(name, value);
        return;
      default:
    }
  }

  #connection(value: string): void {
    if (value === 'keep-alive' || value === 'Keep-Alive') {
      this.keepAlive = true;
      return;
    }
    for (const member of listMembers(value)) {
      if (member === 'close') this.close = true;
      else if (member === 'keep-alive') this.keepAlive = true;
      else if (member === 'upgrade') this.wantsUpgrade = true;
      else this.named = [...(this.named ?? []), member];
    }
  }
}

/**
 * Reads the head of an HTTP/1 request; throws ProtocolError for what RFC 9112 does not allow, and for what is allowed but has been the way in for request
 * smuggling: Content-Length beside Transfer-Encoding, a length given twice, a coding other than chunked, chunked in HTTP/1.0.
 * @param text the head in Latin-1, with the empty line that ends it
 */
export function readRequestHead(text: string, limits: HeadLimits): RequestHead {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd > limits.requestLineBytes) throw new ProtocolError('RequestLineTooLong', `a request line of ${lineEnd} bytes`);
  let i = 0;
  while (TOKEN[text.charCodeAt(i)] === 1) i += 1;
  if (i === 0 || i > 32 || text.charCodeAt(i) !== 32) throw new ProtocolError('BadRequest', 'no request line');
  const method = text.slice(0, i);
  const targetAt = i + 1;
  i = targetAt;
  // Bytes above ASCII stand as they are: browsers' and old clients' paths have them, and nothing is decided by them.
  for (let c = text.charCodeAt(i); c > 32 && c !== 127; ) c = text.charCodeAt(++i);
  if (i === targetAt || text.charCodeAt(i) !== 32) throw new ProtocolError('BadRequest', 'no request target');
  const version = text.slice(i + 1, lineEnd);
  const minor = version === 'HTTP/1.1' ? 1 : 0;
  if (minor === 0 && version !== 'HTTP/1.0') throw unsupported(version);

  const reader = new Reader();
  readFields(text, lineEnd + 2, limits.fields, reader);
  if (reader.chunked && reader.length >= 0) throw new ProtocolError('BadRequest', 'both Content-Length and Transfer-Encoding');
  if (reader.chunked && minor === 0) throw new ProtocolError('BadRequest', 'Transfer-Encoding in HTTP/1.0');
  const head: RequestHead = {
    method,
    target: text.slice(targetAt, i),
    host: reader.host,
    fields: reader.named === undefined ? reader.fields : withoutNamed(reader.fields, reader.named),
    forwarded: reader.forwarded,
    bodyLength: reader.chunked ? CHUNKED : Math.max(0, reader.length),
    acceptsTrailers: reader.acceptsTrailers,
    expectsContinue: reader.expectsContinue && minor === 1,
    // Turning to HTTP/2 this way is no longer a part of it (RFC 9113, 3.1): the request is answered as it is.
    upgrade: reader.wantsUpgrade && minor === 1 && reader.upgrade?.toLowerCase() !== 'h2c' ? reader.upgrade : undefined,
    requestId: reader.requestId,
    traceparent: reader.traceparent,
    keepAlive: !reader.close && (minor === 1 || reader.keepAlive),
    minor,
    isGrpc: false,
  };
  checkTarget(head);
  return head;
}

function checkTarget(head: RequestHead): void {
  const { target, method } = head;
  if (method === 'CONNECT') throw new ProtocolError('MethodNotSupported', 'CONNECT: this is not a forward proxy');
  if (target.charCodeAt(0) !== 47) {
    const absolute = ABSOLUTE.exec(target);
    if (absolute) {
      // The target's authority counts, whatever Host says (RFC 9112, 3.2.2).
      const [, authority = '', rest = ''] = absolute;
      if (authority === '' || !HOST.test(authority)) throw new ProtocolError('BadRequest', 'a request target without a host');
      head.host = authority;
      head.target = rest.startsWith('/') ? rest : `/${rest}`;
    } else if (target !== '*' || method !== 'OPTIONS') throw new ProtocolError('BadRequest', 'a request target that is not a path');
  } else if (target.includes('#')) throw new ProtocolError('BadRequest', 'a fragment in the request target');
  if (head.host === undefined && head.minor === 1) throw new ProtocolError('BadRequest', 'no Host');
}

function unsupported(version: string): ProtocolError {
  return /^HTTP\/[0-9]\.[0-9]$/.test(version)
    ? new ProtocolError('UnsupportedVersion', `${version} on a connection of HTTP/1`)
    : new ProtocolError('BadRequest', 'a request line that does not end in HTTP/1.1');
}
