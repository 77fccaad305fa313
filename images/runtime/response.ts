import type { Outcome } from './invocation.ts';
import { INTEGRATION, splitPrelude } from './streamed.ts';
import type { HttpResponse, ResponseHead } from './translation.ts';

interface Proxy {
  statusCode?: unknown;
  headers?: unknown;
  multiValueHeaders?: unknown;
  cookies?: unknown;
  body?: unknown;
  isBase64Encoded?: unknown;
}

/** Written by us, whatever the handler says. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);

type Result = Outcome & { kind: 'result' };

/**
 * What a handler returned as HTTP, by the rules of API Gateway's payload 2.0: with a statusCode it is taken for a response; without one the value itself is
 * the answer, 200 and JSON. Throws, with what is wrong, for a response that is none.
 */
export function toInferredResponse(outcome: Result): HttpResponse {
  if (outcome.contentType === INTEGRATION) return unstreamed(outcome);
  const value = parse(outcome.body);
  // A handler that returned bytes: handed on as they are.
  if (value === undefined) return { status: 200, headers: [['Content-Type', outcome.contentType]], body: outcome.body };
  if (isObject(value) && 'statusCode' in value) return proxied(value);
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return { status: 200, headers: [['Content-Type', 'application/json']], body };
}

/** By the rules of payload 1.0 and of load balancers, which infer nothing: whatever is no object with a statusCode is no response. */
export function toProxyResponse(outcome: Result): HttpResponse {
  if (outcome.contentType === INTEGRATION) return unstreamed(outcome);
  const value = parse(outcome.body);
  if (isObject(value) && value.statusCode !== undefined && value.statusCode !== null) return proxied(value);
  throw new Error("the handler must return an object with a statusCode where spec.httpEvent is not 'apigateway-v2'");
}

/** What a streaming handler's client sent in one piece. */
function unstreamed({ body, contentType }: Result): HttpResponse {
  const split = splitPrelude(body);
  if (!split) throw new Error('the response has no end of its prelude (eight NUL bytes)');
  return { ...toHead(contentType, split.prelude), body: split.rest };
}

/** Undefined for what is no JSON, which JSON itself never is. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.length === 0 ? 'null' : body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Proxy {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Head of a streamed response: of its prelude, or, without one, of its content type. */
export function toHead(contentType: string, prelude: string | undefined): ResponseHead {
  if (prelude === undefined) return { status: 200, headers: [['Content-Type', contentType]] };
  const value = parse(Buffer.from(prelude));
  if (!isObject(value)) throw new Error('the prelude of the streamed response is no object');
  return headOf(value, 'application/octet-stream');
}

function proxied(value: Proxy): HttpResponse {
  const { body = '', isBase64Encoded } = value;
  if (body !== null && typeof body !== 'string')
    throw new Error(
      `body must be a string, and is ${Array.isArray(body) ? 'a list' : `of type ${typeof body}`}; use json.dumps or JSON.stringify`,
    );
  const content = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? '');
  return { ...headOf(value, content.length > 0 ? 'application/json' : undefined), body: content };
}

function headOf(value: Proxy, contentType: string | undefined): ResponseHead {
  const status = Number(value.statusCode ?? 200);
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new Error(`statusCode must be a whole number from 200 to 599, and is ${JSON.stringify(value.statusCode)}`);
  const out = new Map<string, [string, string | string[]]>();
  for (const [name, one] of entries(value.headers, 'headers')) set(out, name, text(name, one));
  for (const [name, many] of entries(value.multiValueHeaders, 'multiValueHeaders')) {
    if (!Array.isArray(many)) throw new Error(`multiValueHeaders.${name} must be a list`);
    set(
      out,
      name,
      many.map((one) => text(name, one)),
    );
  }
  if (value.cookies !== undefined && value.cookies !== null) {
    if (!Array.isArray(value.cookies)) throw new Error('cookies must be a list of strings');
    const others = out.get('set-cookie')?.[1] ?? [];
    set(out, 'Set-Cookie', [...[others].flat(), ...value.cookies.map((one) => text('cookies', one))]);
  }
  if (!out.has('content-type') && contentType !== undefined) set(out, 'Content-Type', contentType);
  return { status, headers: [...out.values()] };
}

function entries(value: unknown, what: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`${what} must be an object of names and values`);
  return Object.entries(value);
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new Error(`the header ${name} must be a string`);
  const out = String(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header must not have
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(out)) throw new Error(`the header ${name} has a control character in it`);
  return out;
}

function set(out: Map<string, [string, string | string[]]>, name: string, value: string | string[]): void {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw new Error(`"${name}" is no header name`);
  if (!FRAMING.has(name.toLowerCase())) out.set(name.toLowerCase(), [name, value]);
}
