/** Headers that speak of one connection, not of the message (RFC 9110, 7.6.1), and `expect`, which node:http has answered already. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** What the activator tells the function about where a request came from. */
export interface Forwarded {
  clientAddress: string;
  host: string | undefined;
  requestId: string;
  prefix: string | undefined;
}

/**
 * The request headers for the pod, as a flat list of names and values: the client's own as they were written, without those of the connection (also those
 * that `Connection` names), and with X-Request-Id and X-Forwarded-*.
 */
export function requestHeaders(raw: readonly string[], connection: string | undefined, forwarded: Forwarded): string[] {
  const named = connection === undefined || connection === 'keep-alive' ? undefined : connection.toLowerCase().split(/\s*,\s*/);
  const out: string[] = [];
  let forwardedFor = forwarded.clientAddress;
  let proto = 'http';
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    if (HOP_BY_HOP.has(name) || named?.includes(name)) continue;
    if (name === 'x-forwarded-for') forwardedFor = `${value}, ${forwardedFor}`;
    else if (name === 'x-forwarded-proto') proto = value;
    else if (name !== 'x-request-id' && name !== 'x-forwarded-host' && name !== 'x-forwarded-prefix') out.push(raw[i] as string, value);
  }
  out.push('X-Request-Id', forwarded.requestId, 'X-Forwarded-For', forwardedFor, 'X-Forwarded-Proto', proto);
  if (forwarded.host !== undefined) out.push('X-Forwarded-Host', forwarded.host);
  if (forwarded.prefix !== undefined) out.push('X-Forwarded-Prefix', forwarded.prefix);
  return out;
}

/** The response headers for the client: the pod's, without those of the connection; `timing` is added to Server-Timing, of which there may be several. */
export function responseHeaders(raw: readonly (Buffer | string)[], requestId: string, timing: string | undefined): string[] {
  const out: string[] = [];
  let hasRequestId = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = String(raw[i]);
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower)) continue;
    if (lower === 'x-request-id') hasRequestId = true;
    out.push(name, (raw[i + 1] as Buffer | string).toString('latin1' as BufferEncoding));
  }
  if (!hasRequestId) out.push('X-Request-Id', requestId);
  if (timing !== undefined) out.push('Server-Timing', timing);
  return out;
}
