import { createHash, createHmac } from 'node:crypto';
import type { SignedRequest } from '../signature.ts';
import { basicFormat } from '../signature.ts';
import { canonicalRequest, signingKeyOf } from '../sigv4.ts';

export interface Credentials {
  id: string;
  secret: string;
}

export interface ToSign {
  method?: string;
  target: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Unix milliseconds. */
  at?: number;
  region?: string;
}

/** A request of an object of lower-case headers. */
export function requestOf(method: string, target: string, headers: Record<string, string>): SignedRequest {
  return { method, target, header: (name) => headers[name] };
}

/** The headers of a call, its signature with them, as AWS's clients make it. */
export function signed(
  { id, secret }: Credentials,
  { method = 'POST', target, headers = {}, body = '', at = Date.now(), region = 'us-east-1' }: ToSign,
) {
  const timestamp = basicFormat(at);
  const date = timestamp.slice(0, 8);
  const all: Record<string, string> = { ...headers, 'x-amz-date': timestamp };
  const signedHeaders = Object.keys(all).sort();
  const signature = {
    accessKeyId: id,
    date,
    region,
    service: 'lambda',
    signedHeaders,
    signature: '',
    timestamp,
    presigned: false,
    expiresSeconds: undefined,
    securityToken: undefined,
  };
  const hash = createHash('sha256').update(body).digest('hex');
  const canonical = createHash('sha256')
    .update(canonicalRequest(requestOf(method, target, all), signature, hash), 'latin1')
    .digest('hex');
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${date}/${region}/lambda/aws4_request\n${canonical}`;
  const hex = createHmac('sha256', signingKeyOf(secret, signature)).update(text).digest('hex');
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${date}/${region}/lambda/aws4_request, SignedHeaders=${signedHeaders.join(';')}, Signature=${hex}`,
  };
}
