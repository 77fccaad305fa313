import type { IncomingHttpHeaders } from 'node:http';

/** The head of a usual request, with what node:http makes of it. */
export interface PlainHead {
  method: string;
  url: string;
  httpVersion: string;
  rawHeaders: string[];
  headers: IncomingHttpHeaders;
  /** Where it ends. */
  end: number;
  /** Of the body. */
  length: number;
}

/** A head of which every character is what it is for all who read HTTP: methods that everybody has, a path, names that are tokens, values without control characters, no folded line. */
const USUAL =
  /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[!"$-~]*) HTTP\/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)+\r\n/;
/** What makes a request more than a body of known length, or which Node reads in a way of its own. */
const UNUSUAL = new Set(['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', 'trailer', 'set-cookie']);
const LENGTH = /^\d{1,8}$/;
const KEEP_ALIVE = /^keep-alive$/i;

/**
 * Reads the head with which `text` (Latin-1) begins. Undefined for one that is not whole, and for any that is not usual: a name that comes twice is among those, since what
 * Node makes of several values depends on the name.
 */
export function readPlainHead(text: string): PlainHead | undefined {
  const usual = USUAL.exec(text);
  if (!usual) return undefined;
  const [{ length: end }, method, url] = usual as unknown as [string, string, string];
  const rawHeaders: string[] = [];
  const headers: IncomingHttpHeaders = {};
  let at = `${method} ${url} HTTP/1.1\r\n`.length;
  while (at < end - 2) {
    const colon = text.indexOf(':', at);
    const lineEnd = text.indexOf('\r', colon);
    const name = text.slice(at, colon);
    const value = trimmed(text, colon + 1, lineEnd);
    const lower = name.toLowerCase();
    if (headers[lower] !== undefined || UNUSUAL.has(lower) || (lower === 'connection' && !KEEP_ALIVE.test(value))) return undefined;
    headers[lower] = value;
    rawHeaders.push(name, value);
    at = lineEnd + 2;
  }
  const length = headers['content-length'] ?? '0';
  // Without a host Node refuses it.
  if (headers.host === undefined || !LENGTH.test(length)) return undefined;
  return { method, url, httpVersion: '1.1', rawHeaders, headers, end, length: Number(length) };
}

/** Without the blanks around it, of which there is one, mostly. */
function trimmed(text: string, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
