import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LULL_FIELDS } from '../../common/api/names.ts';

/** As the activator has it: a client's own request id is kept when it is one that may go into a log. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:/=+-]{1,128}$/;
/** What speaks of one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade', 'expect']);

/** The head of a request, as an event is made from it. */
export type HttpHead = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders' | 'headers'> & {
  socket: { remoteAddress?: string | undefined };
};

/** The head of a direct request as it would look had it come by an activator. */
export interface DirectHead extends HttpHead {
  requestId: string;
}

/** Puts X-Request-Id and X-Forwarded-* where the activator would have: what a client says of itself counts only when it is a proxy that is trusted. */
export function directHead(req: IncomingMessage, isTrusted: (address: string) => boolean): DirectHead {
  const address = (req.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
  const trusted = isTrusted(address);
  const claimed = (name: string): string | undefined => {
    const value = trusted ? req.headers[name] : undefined;
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const given = req.headers['x-request-id'];
  const requestId = typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID();
  const before = claimed('x-forwarded-for');
  const host = claimed('x-forwarded-host') ?? req.headers.host;
  const own: Record<string, string> = {
    'X-Request-Id': requestId,
    'X-Forwarded-For': before === undefined ? address : `${before}, ${address}`,
    'X-Forwarded-Proto': claimed('x-forwarded-proto') ?? 'http',
    ...(host !== undefined && { 'X-Forwarded-Host': host }),
  };
  const dropped = new Set([
    ...HOP_BY_HOP,
    ...LULL_FIELDS.map(lower),
    ...connectionOptions(req.headers.connection),
    ...Object.keys(own).map(lower),
  ]);
  const rawHeaders: string[] = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = lower(req.rawHeaders[i] as string);
    if (dropped.has(name) || name === 'x-forwarded-prefix' || (!trusted && saysWhereFrom(name))) continue;
    rawHeaders.push(req.rawHeaders[i] as string, req.rawHeaders[i + 1] as string);
  }
  for (const [name, value] of Object.entries(own)) rawHeaders.push(name, value);
  const headers = { ...req.headers, 'x-forwarded-for': own['X-Forwarded-For'] };
  return { method: req.method, url: req.url, httpVersion: req.httpVersion, rawHeaders, headers, socket: req.socket, requestId };
}

/** The fields of an answer that are meant for whoever asked, names and values alternating. */
export function endToEnd(rawHeaders: readonly string[], connection: string | undefined): string[] {
  const dropped = new Set([...HOP_BY_HOP, ...connectionOptions(connection)]);
  return rawHeaders.filter((_, i) => !dropped.has(lower(rawHeaders[i - (i % 2)] as string)));
}

function connectionOptions(connection: string | undefined): string[] {
  return (connection ?? '').split(',').map((option) => lower(option.trim()));
}

function saysWhereFrom(name: string): boolean {
  return name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip';
}

function lower(text: string): string {
  return text.toLowerCase();
}
