import { CHUNKED } from '../http1/message.ts';
import { fieldLines } from './answer-head.ts';
import type { Exchange } from './exchange.ts';

/** Methods whose requests have a body by their nature, so that its absence is said too (RFC 9110, 8.6). */
const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** What the activator tells the pod of where a request came from; names and values alternating. */
export function forwardedFields(exchange: Exchange): string[] {
  const { request, client, route } = exchange;
  let forwardedFor = client.address;
  let proto = client.encrypted ? 'https' : 'http';
  let host = request.host;
  const fields: string[] = [];
  // What a client says of itself counts only when the client is a proxy that is trusted (activator.trustedProxies), or a pod of this very function that had no
  // room for a direct caller; else it is left out.
  const isOwnPod = request.forwarded.length > 0 && exchange.fn.isHandedOnBy(client.address);
  if (isOwnPod || (request.forwarded.length > 0 && exchange.context.isTrusted(client.address))) {
    for (let i = 0; i < request.forwarded.length; i += 2) {
      const name = request.forwarded[i] as string;
      const value = request.forwarded[i + 1] as string;
      const lower = name.toLowerCase();
      if (lower === 'x-forwarded-for') forwardedFor = isOwnPod ? value : `${value}, ${forwardedFor}`;
      else if (lower === 'x-forwarded-proto') proto = value;
      else if (lower === 'x-forwarded-host') host = value;
      else if (lower !== 'x-forwarded-prefix') fields.push(name, value);
    }
  }
  fields.push('X-Request-Id', exchange.requestId, 'X-Forwarded-For', forwardedFor, 'X-Forwarded-Proto', proto);
  if (host !== undefined) fields.push('X-Forwarded-Host', host);
  if (route.prefix !== undefined) fields.push('X-Forwarded-Prefix', route.prefix);
  return fields;
}

/** The head of a request to a pod that speaks HTTP/1, as Latin-1: the client's own fields as they were written, our framing, and where it came from. */
export function requestHead(exchange: Exchange): string {
  const { request, route } = exchange;
  const { fields, host } = request;
  let text = `${request.method} ${route.target} HTTP/1.1\r\nHost: ${host ?? ''}\r\n${fieldLines(fields)}`;
  if (request.bodyLength === CHUNKED) text += 'Transfer-Encoding: chunked\r\n';
  else if (request.bodyLength > 0 || EXPECTS_BODY.has(request.method)) text += `Content-Length: ${request.bodyLength}\r\n`;
  if (request.upgrade !== undefined) text += `Connection: Upgrade\r\nUpgrade: ${request.upgrade}\r\n`;
  else if (request.acceptsTrailers) text += 'Connection: TE\r\nTE: trailers\r\n';
  if (request.expectsContinue) text += 'Expect: 100-continue\r\n';
  return `${text}${fieldLines(forwardedFields(exchange))}\r\n`;
}
