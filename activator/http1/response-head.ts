import { contentLength, Field, type FieldSink, fieldKind, listMembers, readFields, withoutNamed } from './fields.ts';
import { CHUNKED, type HeadLimits, ProtocolError, type ResponseHead, UNTIL_CLOSE } from './message.ts';

class Reader implements FieldSink {
  fields: string[] = [];
  length = -1;
  chunked = false;
  close = false;
  keepAlive = false;
  upgrade: string | undefined;
  named: string[] | undefined;
  hasRequestId = false;
  keepAliveSeconds: number | undefined;

  field(name: string, value: string): void {
    switch (fieldKind(name)) {
      case Field.contentLength: {
        const length = contentLength(value);
        if (this.length >= 0 && this.length !== length) throw new ProtocolError('PodAnswerBroken', 'two Content-Lengths');
        this.length = length;
        return;
      }
      case Field.transferEncoding:
        if (this.chunked || value.toLowerCase() !== 'chunked')
          throw new ProtocolError('PodAnswerBroken', 'a Transfer-Encoding other than chunked');
        this.chunked = true;
        return;
      case Field.connection:
        for (const member of listMembers(value)) {
          if (member === 'close') this.close = true;
          else if (member === 'keep-alive') this.keepAlive = true;
          else if (member !== 'upgrade') this.named = [...(this.named ?? []), member];
        }
        return;
      case Field.keepAlive:
        this.keepAliveSeconds = Number(/timeout=(\d{1,6})/.exec(value)?.[1] ?? Number.NaN);
        return;
      case Field.upgrade:
        this.upgrade = value;
        return;
      case Field.hopByHop:
        return;
      case Field.requestId:
        this.hasRequestId = true;
        this.fields.push(name, value);
        return;
      default:
        this.fields.push(name, value);
    }
  }
}

/**
 * Reads the head of an HTTP/1 answer; throws ProtocolError for one that is not to be trusted to end where it seems to.
 * @param text the head in Latin-1, with the empty line that ends it
 * @param method of the request, by which an answer may have no body
 */
export function readResponseHead(text: string, method: string, limits: HeadLimits): ResponseHead {
  const lineEnd = text.indexOf('\r\n');
  const minor = text.charCodeAt(7) - 48;
  const status = (text.charCodeAt(9) - 48) * 100 + (text.charCodeAt(10) - 48) * 10 + text.charCodeAt(11) - 48;
  const after = text.charCodeAt(12);
  if (!text.startsWith('HTTP/1.') || (minor !== 0 && minor !== 1) || text.charCodeAt(8) !== 32 || !(after === 32 || after === 13))
    throw new ProtocolError('PodAnswerBroken', 'no status line');
  if (!(status >= 100 && status <= 999)) throw new ProtocolError('PodAnswerBroken', 'a status that is not one');
  const reader = new Reader();
  readFields(text, lineEnd + 2, limits.fields, reader);
  if (reader.chunked && reader.length >= 0) throw new ProtocolError('PodAnswerBroken', 'both Content-Length and Transfer-Encoding');
  let fields = reader.named === undefined ? reader.fields : withoutNamed(reader.fields, reader.named);
  if (status === 101 && reader.upgrade !== undefined) fields = [...fields, 'Connection', 'Upgrade', 'Upgrade', reader.upgrade];
  const bodiless = status < 200 || status === 204 || status === 304 || method === 'HEAD';
  const bodyLength = reader.chunked ? CHUNKED : reader.length >= 0 ? reader.length : UNTIL_CLOSE;
  return {
    status,
    reason: text.slice(13, lineEnd),
    fields,
    contentLength: reader.length,
    bodyLength: bodiless ? 0 : bodyLength,
    hasRequestId: reader.hasRequestId,
    keepAlive: !reader.close && (minor === 1 || reader.keepAlive),
    keepAliveSeconds: Number.isNaN(reader.keepAliveSeconds) ? undefined : reader.keepAliveSeconds,
  };
}
