import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { pathOf } from '../path-of.ts';
import { AwsError } from './aws-error.ts';
import { ALGORITHM, basicFormat, type Signature, type SignedRequest } from './signature.ts';

/** How far the client's clock may be from ours, and for how long a signature in headers is good. */
const SKEW_MILLIS = 300_000;
const WRONG =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/** Whether the signature is of now: signed within 5 minutes, or for as long as a presigned one says. Throws AwsError. @param now Unix milliseconds */
export function checkTime(signature: Signature, now: number): void {
  const { timestamp, date, expiresSeconds } = signature;
  if (timestamp.slice(0, 8) !== date)
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    );
  const at = Date.parse(timestamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (Number.isNaN(at)) throw invalid(`'${timestamp}' is no date.`);
  const late = at + (expiresSeconds === undefined ? SKEW_MILLIS : expiresSeconds * 1000);
  if (now > late)
    throw invalid(
      expiresSeconds === undefined
        ? `Signature expired: ${timestamp} is now earlier than ${basicFormat(now - SKEW_MILLIS)} (${basicFormat(now)} - 5 min.)`
        : `Signature expired: ${basicFormat(late)} is now earlier than ${basicFormat(now)}`,
    );
  if (at > now + SKEW_MILLIS)
    throw invalid(
      `Signature not yet current: ${timestamp} is still later than ${basicFormat(now + SKEW_MILLIS)} (${basicFormat(now)} + 5 min.)`,
    );
}

/** What the signature stands for, as the client must have built it. @param payloadHash SHA-256 of the body in hex, or what stands for it */
export function canonicalRequest(request: SignedRequest, signature: Signature, payloadHash: string): string {
  const path = pathOf(request.target);
  const headers = signature.signedHeaders.map((name) => `${name}:${(request.header(name) ?? '').trim().replaceAll(/ +/g, ' ')}\n`);
  return [
    request.method,
    encode(normalized(path), '/'),
    canonicalQuery(request.target.slice(path.length + 1)),
    headers.join(''),
    signature.signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

/** Compares in constant time. Throws AwsError. */
export function checkSignature(signature: Signature, canonical: string, signingKey: Buffer): void {
  const { timestamp, date, region, service } = signature;
  const hash = createHash('sha256').update(canonical, 'latin1').digest('hex');
  const text = `${ALGORITHM}\n${timestamp}\n${date}/${region}/${service}/aws4_request\n${hash}`;
  const expected = createHmac('sha256', signingKey).update(text, 'latin1').digest();
  const given = Buffer.from(signature.signature, 'hex');
  if (signature.signature.length !== 64 || given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalid(WRONG);
}

/** The key that a day's signatures for one region are made with. */
export function signingKeyOf(secret: string, { date, region, service }: Pick<Signature, 'date' | 'region' | 'service'>): Buffer {
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of [date, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  return key;
}

/** Without empty and dot segments (RFC 3986, 5.2.4), which all signers but S3's take out. */
function normalized(path: string): string {
  if (!path.includes('//') && !path.includes('/.')) return path;
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = encode(decode(equals < 0 ? part : part.slice(0, equals)));
    if (name !== 'X-Amz-Signature') pairs.push([name, encode(decode(equals < 0 ? '' : part.slice(equals + 1)))]);
  }
  // By code, not by the language's order; all is ASCII here.
  pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;
/** By byte: how it is written. */
const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** RFC 3986's percent-encoding of Latin-1 text, byte by byte. */
function encode(text: string, kept = ''): string {
  let out = '';
  for (const character of text) out += character === kept ? character : (ENCODED[character.charCodeAt(0) & 255] as string);
  return out;
}

/** As a form has it: clients that write a space as + sign it as a space. */
function decode(text: string): string {
  return text.replaceAll('+', ' ').replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidSignatureException', message);
}
