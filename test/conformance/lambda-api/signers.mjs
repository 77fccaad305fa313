// Signs requests with @smithy/signature-v4: {id, secret, requests: [{method, url, headers, body, presign}]} on stdin, one JSON line a request on stdout.
import { readFileSync } from 'node:fs';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

const given = JSON.parse(readFileSync(0, 'utf8'));
const signer = new SignatureV4({
  credentials: { accessKeyId: given.id, secretAccessKey: given.secret },
  region: 'eu-west-1',
  service: 'lambda',
  sha256: Sha256,
});
for (const { method, url, headers, body, presign } of given.requests) {
  const { hostname, port, host, pathname, searchParams } = new URL(url);
  const query = {};
  for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
  const request = { method, protocol: 'http:', hostname, port: Number(port), path: pathname, query, headers: { host, ...headers }, body };
  const signed = presign ? await signer.presign(request, { expiresIn: 60 }) : await signer.sign(request);
  // As its own clients write a query.
  const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const pairs = Object.entries(signed.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one) => `${encoded(name)}=${encoded(one)}`),
  );
  const lower = Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]));
  process.stdout.write(`${JSON.stringify({ target: signed.path + (pairs.length > 0 ? `?${pairs.join('&')}` : ''), headers: lower })}\n`);
}
