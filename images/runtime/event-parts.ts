import { isUtf8 } from 'node:buffer';
import type { HttpHead } from './direct-head.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** Bodies that AWS hands over as text; anything else is base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|graphql|[^;]*\+(json|xml)))/i;

/** Path and query of a request target, neither decoded. */
export function splitTarget(target = '/'): { path: string; query: string } {
  const question = target.indexOf('?');
  return question < 0 ? { path: target, query: '' } : { path: target.slice(0, question), query: target.slice(question + 1) };
}

/** Host name and first label of it. */
export function domainOf(req: HttpHead): { domainName: string; domainPrefix: string } {
  const domainName = (req.headers.host ?? 'localhost').replace(/:\d+$/, '');
  return { domainName, domainPrefix: domainName.split('.')[0] as string };
}

/**
 * Names in lower case, and values, in the order of the request; `connection` is not the handler's business. What AWS's front ends add is added where the request
 * does not have it: the trace, and the port that belongs to the protocol.
 */
export function headerPairs(req: HttpHead, traceId: string): [string, string][] {
  const { rawHeaders } = req;
  const pairs: [string, string][] = [];
  let traced = false;
  let port = '80';
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    if (name === 'connection') continue;
    if (name === 'x-amzn-trace-id') traced = true;
    else if (name === 'x-forwarded-proto' && value === 'https') port = port === '80' ? '443' : port;
    else if (name === 'x-forwarded-port') port = '';
    pairs.push([name, value]);
  }
  if (!traced) pairs.push(['x-amzn-trace-id', traceId]);
  if (port !== '') pairs.push(['x-forwarded-port', port]);
  return pairs;
}

/** One value a name: several are joined, or the last one counts. Undefined when there is none at all. */
export function single(pairs: Iterable<[string, string]>, several: 'joined' | 'last'): Record<string, string> | undefined {
  const out = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = several === 'joined' ? out.get(name) : undefined;
    out.set(name, before === undefined ? value : `${before},${value}`);
  }
  return out.size > 0 ? Object.fromEntries(out) : undefined;
}

/** All values of each name. Undefined when there is none at all. */
export function multiple(pairs: Iterable<[string, string]>): Record<string, string[]> | undefined {
  const out = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = out.get(name);
    if (values) values.push(value);
    else out.set(name, [value]);
  }
  return out.size > 0 ? Object.fromEntries(out) : undefined;
}

/** A query's names and values as they stand, still encoded: a load balancer does not decode them. */
export function rawPairs(query: string): [string, string][] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    });
}

/** The client as the activator saw it: it wrote the last entry of X-Forwarded-For, earlier ones are the client's own claims. */
export function clientAddress(req: HttpHead): string {
  const list = req.headers['x-forwarded-for'];
  const last = (typeof list === 'string' ? list : '').split(',').at(-1)?.trim();
  return (last || req.socket.remoteAddress || '127.0.0.1').replace(/^::ffff:/, '');
}

/** A body as an event has it. Compressed text, and any other bytes that are no UTF-8, are base64 whatever their type says. */
export function bodyOf(req: HttpHead, body: Buffer): { body: string; isBase64Encoded: boolean } {
  const type = req.headers['content-type'];
  const isText = body.length === 0 || ((type === undefined || TEXT.test(type)) && isUtf8(body));
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** API Gateway decodes the path; one that cannot be decoded stays as it is. */
export function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

let clfSecond = 0;
let clfText = '';

/** "24/Nov/2026:08:12:35 +0000". Made once a second. */
export function clf(now: Date): string {
  const second = Math.floor(now.getTime() / 1000);
  if (second === clfSecond) return clfText;
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${two(now.getUTCDate())}/${MONTHS[now.getUTCMonth()]}/${now.getUTCFullYear()}`;
  clfSecond = second;
  clfText = `${date}:${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())} +0000`;
  return clfText;
}
