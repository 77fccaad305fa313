import type { IncomingHttpHeaders } from 'node:http';

/** As the Cors of a function URL (spec.cors). */
export interface Cors {
  allowOrigins?: readonly string[];
  allowMethods?: readonly string[];
  allowHeaders?: readonly string[];
  exposeHeaders?: readonly string[];
  /** Seconds. */
  maxAge?: number;
  allowCredentials?: boolean;
}

export type CorsHeaders = [string, string][];

/** Whether a browser asks beforehand; the handler is not to see that. */
export function isPreflight(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** What a browser is told beforehand: without an origin that is allowed, nothing, and so the browser stops. */
export function preflightHeaders(cors: Cors, headers: IncomingHttpHeaders): CorsHeaders {
  const origin = allowOrigin(cors, headers.origin);
  if (origin.length === 0) return [VARY];
  const methods = listed(cors.allowMethods, headers['access-control-request-method']);
  const names = listed(cors.allowHeaders, headers['access-control-request-headers']);
  return [
    ...origin,
    ...(methods ? ([['Access-Control-Allow-Methods', methods]] as CorsHeaders) : []),
    ...(names ? ([['Access-Control-Allow-Headers', names]] as CorsHeaders) : []),
    ...(cors.maxAge === undefined ? [] : ([['Access-Control-Max-Age', String(cors.maxAge)]] as CorsHeaders)),
  ];
}

/** What every answer to a browser has; in place of whatever the handler says itself. */
export function corsHeaders(cors: Cors, headers: IncomingHttpHeaders): CorsHeaders {
  const origin = allowOrigin(cors, headers.origin);
  if (origin.length === 0) return [VARY];
  const exposed = cors.exposeHeaders?.join(',');
  return [...origin, ...(exposed ? ([['Access-Control-Expose-Headers', exposed]] as CorsHeaders) : [])];
}

/** What a handler says, with what is said to browsers in place of what it says by the same names. */
export function withCors(
  answer: readonly [string, string | string[]][],
  cors: Cors,
  headers: IncomingHttpHeaders,
): [string, string | string[]][] {
  const vary = answer.find(([name]) => name.toLowerCase() === 'vary')?.[1];
  const own = answer.filter(([name]) => !REPLACED.test(name));
  const said = corsHeaders(cors, headers).filter(([name]) => name !== 'Vary');
  return [...own, ...said, ['Vary', vary === undefined ? 'Origin' : `${[vary].flat().join(', ')}, Origin`]];
}

const REPLACED = /^(vary|access-control-allow-(origin|credentials)|access-control-expose-headers)$/i;

/** An answer depends on where the request comes from: no cache may give it to another origin. */
const VARY: [string, string] = ['Vary', 'Origin'];

/** A browser does not take "*" together with credentials: it is told its own origin then. */
function allowOrigin({ allowOrigins = [], allowCredentials = false }: Cors, origin: string | undefined): CorsHeaders {
  if (origin === undefined) return [];
  const any = allowOrigins.includes('*');
  if (!any && !allowOrigins.some((allowed) => allowed.toLowerCase() === origin.toLowerCase())) return [];
  const value = any && !allowCredentials ? '*' : origin;
  return [
    ['Access-Control-Allow-Origin', value],
    ...(allowCredentials ? ([['Access-Control-Allow-Credentials', 'true']] as CorsHeaders) : []),
    VARY,
  ];
}

/** "*" allows what is asked for. */
function listed(allowed: readonly string[] = [], asked: string | string[] | undefined): string {
  return allowed.includes('*') ? String(asked ?? '*') : allowed.join(',');
}
