import { pathOf } from '../path-of.ts';
import { AwsError } from './aws-error.ts';

/** What was signed, as the server sees it. */
export interface SignedRequest {
  method: string;
  /** Path and query, as they were sent. */
  target: string;
  /** The value of a header by its name in lower case, several of a name joined by commas; undefined when there is none. */
  header(name: string): string | undefined;
}

/** What a request says of its signature (Signature Version 4). */
export interface Signature {
  accessKeyId: string;
  /** YYYYMMDD, region and service that the signing key was made for. */
  date: string;
  region: string;
  service: string;
  /** In lower case, in the order given. */
  signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  signature: string;
  /** When it was signed: YYYYMMDDTHHMMSSZ. */
  timestamp: string;
  /** In the query instead of in headers; then it is good for so many seconds. */
  presigned: boolean;
  expiresSeconds: number | undefined;
  securityToken: string | undefined;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
/** AWS's: a week. */
const MAX_EXPIRES_SECONDS = 604_800;
const TIMESTAMP = /^\d{8}T\d{6}Z$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const NO_TOKEN = 'Missing Authentication Token';

/** Reads the signature from the Authorization header, else from the query. Throws AwsError, worded as AWS does. */
export function readSignature(request: SignedRequest): Signature {
  const authorization = request.header('authorization');
  if (authorization !== undefined) return fromHeader(authorization, request);
  const query = new URLSearchParams(request.target.slice(pathOf(request.target).length + 1));
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return fromQuery(query);
  throw new AwsError('MissingAuthenticationTokenException', NO_TOKEN);
}

function fromHeader(authorization: string, request: SignedRequest): Signature {
  const space = authorization.indexOf(' ');
  const algorithm = space < 0 ? authorization : authorization.slice(0, space);
  if (!algorithm.startsWith('AWS')) throw new AwsError('MissingAuthenticationTokenException', NO_TOKEN);
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}' (only ${ALGORITHM} for now).`);
  const parameters = new Map<string, string>();
  for (const part of authorization.slice(space + 1).split(',')) {
    const trimmed = part.trim();
    const equals = trimmed.indexOf('=');
    if (equals < 0) throw incomplete(`'${trimmed}' not a valid key=value pair (missing equal-sign) in Authorization header.`);
    parameters.set(trimmed.slice(0, equals), trimmed.slice(equals + 1));
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parameters.get(name));
  if (missing.length > 0) throw incomplete(missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' '));
  return {
    ...scopeOf(parameters.get('Credential') ?? ''),
    ...signedWith(parameters.get('SignedHeaders') ?? '', parameters.get('Signature') ?? ''),
    timestamp: timestampOf(request),
    presigned: false,
    expiresSeconds: undefined,
    securityToken: request.header('x-amz-security-token'),
  };
}

function timestampOf(request: SignedRequest): string {
  const given = request.header('x-amz-date');
  if (given !== undefined) {
    if (!TIMESTAMP.test(given))
      throw incomplete(`Date must be in ISO-8601 'basic format'. Got '${given}'. See http://en.wikipedia.org/wiki/ISO_8601`);
    return given;
  }
  const date = Date.parse(request.header('date') ?? '');
  if (Number.isNaN(date)) throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  return basicFormat(date);
}

function fromQuery(query: URLSearchParams): Signature {
  const value = (name: string): string => query.get(name) ?? '';
  const names = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date', 'X-Amz-Expires'];
  const missing = names.filter((name) => value(name) === '');
  if (missing.length > 0) throw incomplete(missing.map((name) => `AWS query-string parameters must include '${name}'.`).join(' '));
  if (value('X-Amz-Algorithm') !== ALGORITHM)
    throw incomplete(`Unsupported AWS 'algorithm': '${value('X-Amz-Algorithm')}' (only ${ALGORITHM} for now).`);
  const timestamp = value('X-Amz-Date');
  if (!TIMESTAMP.test(timestamp)) throw incomplete(`X-Amz-Date must be in ISO-8601 'basic format'. Got '${timestamp}'.`);
  const expiresSeconds = /^\d{1,6}$/.test(value('X-Amz-Expires')) ? Number(value('X-Amz-Expires')) : Number.NaN;
  if (!(expiresSeconds >= 1 && expiresSeconds <= MAX_EXPIRES_SECONDS))
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRES_SECONDS}.`);
  return {
    ...scopeOf(value('X-Amz-Credential')),
    ...signedWith(value('X-Amz-SignedHeaders'), value('X-Amz-Signature')),
    timestamp,
    presigned: true,
    expiresSeconds,
    securityToken: query.get('X-Amz-Security-Token') ?? undefined,
  };
}

/** KEY/YYYYMMDD/REGION/SERVICE/aws4_request */
function scopeOf(credential: string): Pick<Signature, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const [accessKeyId = '', date = '', region = '', service = '', end, more] = credential.split('/');
  if (accessKeyId === '' || end === undefined || more !== undefined)
    throw incomplete('Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.');
  const wrong: string[] = [];
  if (!/^\d{8}$/.test(date)) wrong.push('Credential should be scoped with a date as YYYYMMDD.');
  if (!/^[a-z0-9-]{1,64}$/.test(region)) wrong.push('Credential should be scoped to a valid region.');
  if (service !== 'lambda') wrong.push("Credential should be scoped to correct service: 'lambda'.");
  if (end !== 'aws4_request') wrong.push(`Credential should be scoped with a valid terminator: 'aws4_request', not '${end}'.`);
  if (wrong.length > 0) throw new AwsError('InvalidSignatureException', wrong.join(' '));
  return { accessKeyId, date, region, service };
}

function signedWith(list: string, signature: string): Pick<Signature, 'signedHeaders' | 'signature'> {
  const signedHeaders = list.toLowerCase().split(';');
  // In a query it could be anything, even what moves the borders within the canonical request.
  if (!signedHeaders.every((name) => HEADER_NAME.test(name)))
    throw incomplete("'SignedHeaders' must be names of headers, with semicolons between them.");
  if (!signedHeaders.includes('host'))
    throw new AwsError('InvalidSignatureException', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  return { signedHeaders, signature };
}

/** Unix milliseconds as YYYYMMDDTHHMMSSZ. */
export function basicFormat(millis: number): string {
  return `${new Date(millis).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', message);
}
