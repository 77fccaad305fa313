import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../common/lambda-api/aws-error.ts';
import { readSignature } from '../../../common/lambda-api/signature.ts';
import { canonicalRequest, checkSignature, checkTime, signingKeyOf } from '../../../common/lambda-api/sigv4.ts';
import { requestOf } from '../../../common/lambda-api/testing/signed.ts';
import { type Client, nodeClient, pythonClient, runClient } from './clients.ts';

interface Signed {
  target: string;
  headers: Record<string, string>;
}

const ID = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const RUNS = 200;

/** Requests of all kinds: encoded and odd paths, queries with what must be encoded, several values, headers with spaces, bodies. */
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  path: fc.array(fc.oneof(fc.stringMatching(/^[A-Za-z0-9._~-]{1,8}$/), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })), {
    maxLength: 4,
  }),
  query: fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z0-9-]{1,6}$/), fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 4 }),
  header: fc.stringMatching(/^[!-~]( {0,3}[!-~]){0,10}$/),
  body: fc.string({ unit: 'grapheme', maxLength: 40 }),
  presign: fc.boolean(),
});

const SIGNERS: [string, () => Promise<Client>][] = [
  [
    'botocore',
    async () => {
      const client = await pythonClient();
      return { ...client, command: [client.command[0] as string, join(import.meta.dirname, 'signers.py')] };
    },
  ],
  [
    '@smithy/signature-v4',
    async () => {
      const client = await nodeClient();
      cpSync(join(import.meta.dirname, 'signers.mjs'), join(client.cwd, 'signers.mjs'));
      return { ...client, command: [process.execPath, 'signers.mjs'] };
    },
  ],
];

describe('signatures of AWS’s own signers', () => {
  it.each(SIGNERS)('%s: every one is right, and wrong for another body', { timeout: 300_000 }, async (_name, client) => {
    const requests = fc.sample(request, { numRuns: RUNS, seed: 7 }).map(({ method, path, query, header, body, presign }) => {
      const search = query.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
      const segments = path.map(encodeURIComponent).filter((segment) => !/^\.+$/.test(segment));
      return {
        method,
        url: `http://localhost:8080/2015-03-31/${segments.join('/')}${search === '' ? '' : `?${search}`}`,
        headers: presign ? {} : { 'x-amz-header': header },
        // A presigned URL of smithy's stands for an empty body.
        body: presign || method === 'GET' ? '' : body,
        presign,
      };
    });
    const all = await runClient<Signed>(await client(), { id: ID, secret: SECRET, requests });
    expect(all).toHaveLength(RUNS);
    const wrong = all.flatMap((signed, i) => {
      const given = requests[i];
      const right = verdict(signed, given?.method ?? '', given?.body ?? '');
      const tampered = verdict(signed, given?.method ?? '', `${given?.body}!`);
      return right === undefined && tampered !== undefined ? [] : [{ given, signed, right, tampered }];
    });
    expect(wrong).toEqual([]);
  });
});

/** As RFC 3986 has it: botocore signs a query as it stands, and what clients write is written so. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function verdict({ target, headers }: Signed, method: string, body: string): string | undefined {
  const latin1 = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
  const asSent = requestOf(method, target, latin1);
  try {
    const signature = readSignature(asSent);
    checkTime(signature, Date.now());
    const hash = createHash('sha256').update(body).digest('hex');
    checkSignature(signature, canonicalRequest(asSent, signature, hash), signingKeyOf(SECRET, signature));
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}
