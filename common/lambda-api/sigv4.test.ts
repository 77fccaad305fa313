import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsError } from './aws-error.ts';
import { readSignature, type Signature } from './signature.ts';
import { canonicalRequest, checkSignature, checkTime, signingKeyOf } from './sigv4.ts';
import { requestOf, signed } from './testing/signed.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const DATE = '20150830T123600Z';
const HOST = { host: 'example.amazonaws.com', 'x-amz-date': DATE };
const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

function signatureOf(signature: string, headers: Record<string, string>, service = 'service'): Signature {
  return {
    accessKeyId: 'AKIDEXAMPLE',
    date: '20150830',
    region: 'us-east-1',
    service,
    signedHeaders: Object.keys(headers).sort(),
    signature,
    timestamp: DATE,
    presigned: false,
    expiresSeconds: undefined,
    securityToken: undefined,
  };
}

function codeOf(run: () => unknown): [string, string] | undefined {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return [error.code, error.message];
  }
  return undefined;
}

const VANILLA = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
/** From AWS's own Signature Version 4 test suite, and the example of the IAM user guide. */
const VECTORS: [
  name: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body: string,
  signature: string,
  service?: string,
][] = [
  ['get-vanilla', 'GET', '/', HOST, '', VANILLA],
  ['get-relative', 'GET', '/example/..', HOST, '', VANILLA],
  ['get-relative-relative', 'GET', '/example1/example2/../..', HOST, '', VANILLA],
  ['get-slash', 'GET', '//', HOST, '', VANILLA],
  ['get-slash-dot-slash', 'GET', '/./', HOST, '', VANILLA],
  ['get-slashes', 'GET', '//example//', HOST, '', '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84'],
  ['get-slash-pointless-dot', 'GET', '/./example', HOST, '', 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5'],
  ['get-space', 'GET', '/example space/', HOST, '', '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741'],
  [
    'get-unreserved',
    'GET',
    '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    HOST,
    '',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  ['get-utf8', 'GET', latin1('/ሴ'), HOST, '', '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
  ['get-vanilla-empty-query-key', 'GET', '/?Param1=value1', HOST, '', 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    HOST,
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-order-value',
    'GET',
    '/?Param1=value2&Param1=value1',
    HOST,
    '',
    '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  ],
  ['get-vanilla-utf8-query', 'GET', latin1('/?ሴ=bar'), HOST, '', '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04'],
  [
    'get-header-value-trim',
    'GET',
    '/',
    { ...HOST, 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    '',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  ['post-vanilla', 'POST', '/', HOST, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-header-key-sort',
    'POST',
    '/',
    { ...HOST, 'my-header1': 'value1' },
    '',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    { ...HOST, 'content-type': 'application/x-www-form-urlencoded' },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'IAM ListUsers',
    'GET',
    '/?Action=ListUsers&Version=2010-05-08',
    { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', host: 'iam.amazonaws.com', 'x-amz-date': DATE },
    '',
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    'iam',
  ],
];

describe('AWS’s test vectors', () => {
  it.each(VECTORS)('%s', (_name, method, target, headers, body, hex, service) => {
    const signature = signatureOf(hex, headers, service);
    const canonical = canonicalRequest(requestOf(method, target, headers), signature, hashOf(body));
    const key = signingKeyOf(SECRET, signature);
    expect(codeOf(() => checkSignature(signature, canonical, key))).toBeUndefined();
    const other = signingKeyOf(`${SECRET}x`, signature);
    expect(codeOf(() => checkSignature(signature, canonical, other))?.[0]).toBe('InvalidSignatureException');
  });

  it('the signing key of the documentation', () => {
    const key = signingKeyOf(SECRET, { date: '20150830', region: 'us-east-1', service: 'iam' });
    expect(key.toString('hex')).toBe('c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9');
  });
});

describe('what a request says of its signature', () => {
  const scope = 'AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request';
  const good = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${VANILLA}`;
  const presigned = (over: Record<string, string> = {}): string => {
    const all = {
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': scope,
      'X-Amz-Date': DATE,
      'X-Amz-Expires': '60',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': VANILLA,
      ...over,
    };
    return `/?${new URLSearchParams(Object.entries(all).filter(([, value]) => value !== '')).toString()}`;
  };
  const WRONG: [string, string | undefined, string, string, RegExp][] = [
    ['nothing', undefined, '/', 'MissingAuthenticationTokenException', /^Missing Authentication Token$/],
    ['another scheme', 'Bearer abc', '/', 'MissingAuthenticationTokenException', /Missing/],
    ['another algorithm', good.replace('SHA256', 'SHA25'), '/', 'IncompleteSignatureException', /Unsupported AWS 'algorithm'/],
    ['version 2', 'AWS AKID:abc', '/', 'IncompleteSignatureException', /Unsupported/],
    ['no pairs', 'AWS4-HMAC-SHA256 hello', '/', 'IncompleteSignatureException', /'hello' not a valid key=value pair/],
    [
      'no signature',
      good.replace(/, Signature=.*/, ''),
      '/',
      'IncompleteSignatureException',
      /^Authorization header requires 'Signature' parameter\.$/,
    ],
    ['no credential', good.replace(/Credential=[^,]*,/, ''), '/', 'IncompleteSignatureException', /requires 'Credential' parameter/],
    ['four elements', good.replace('/aws4_request', ''), '/', 'IncompleteSignatureException', /exactly 5 slash-delimited elements/],
    ['six elements', good.replace('AKIDEXAMPLE/', 'AKIDEXAMPLE/x/'), '/', 'IncompleteSignatureException', /exactly 5/],
    ['another service', good.replace('/lambda/', '/s3/'), '/', 'InvalidSignatureException', /correct service: 'lambda'/],
    [
      'another terminator',
      good.replace('aws4_request', 'aws5_request'),
      '/',
      'InvalidSignatureException',
      /'aws4_request', not 'aws5_request'/,
    ],
    ['host not signed', good.replace('host;', ''), '/', 'InvalidSignatureException', /'Host' or ':authority' must be a 'SignedHeader'/],
    [
      'presigned without expiry',
      undefined,
      presigned({ 'X-Amz-Expires': '' }),
      'IncompleteSignatureException',
      /must include 'X-Amz-Expires'/,
    ],
    ['presigned for too long', undefined, presigned({ 'X-Amz-Expires': '604801' }), 'IncompleteSignatureException', /from 1 to 604800/],
    ['presigned for no time', undefined, presigned({ 'X-Amz-Expires': '0' }), 'IncompleteSignatureException', /from 1 to 604800/],
    [
      'names of headers that are none',
      undefined,
      presigned({ 'X-Amz-SignedHeaders': 'host;a\nb:c' }),
      'IncompleteSignatureException',
      /names of headers/,
    ],
    ['presigned with a bad date', undefined, presigned({ 'X-Amz-Date': '2015' }), 'IncompleteSignatureException', /basic format/],
  ];
  it.each(WRONG)('%s is refused', (_name, authorization, target, code, message) => {
    const headers = { ...HOST, ...(authorization !== undefined && { authorization }) };
    const [gotCode, gotMessage] = codeOf(() => readSignature(requestOf('POST', target, headers))) ?? [];
    expect(gotCode).toBe(code);
    expect(gotMessage).toMatch(message);
  });

  it('no date, and Date instead of X-Amz-Date', () => {
    expect(codeOf(() => readSignature(requestOf('POST', '/', { host: 'a', authorization: good })))?.[1]).toMatch(
      /'X-Amz-Date' or a 'Date' header/,
    );
    const dated = readSignature(requestOf('POST', '/', { host: 'a', authorization: good, date: 'Sun, 30 Aug 2015 12:36:00 GMT' }));
    expect(dated.timestamp).toBe(DATE);
  });

  it('in the query', () => {
    expect(readSignature(requestOf('POST', presigned(), { host: 'a' }))).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      expiresSeconds: 60,
      presigned: true,
    });
  });
});

describe('when it was signed', () => {
  const at = Date.UTC(2015, 7, 30, 12, 36);
  const TIMES: [number, number | undefined, RegExp | undefined][] = [
    [at, undefined, undefined],
    [at + 300_000, undefined, undefined],
    [at + 301_000, undefined, /^Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \(20150830T124101Z - 5 min\.\)$/],
    [at - 300_000, undefined, undefined],
    [
      at - 301_000,
      undefined,
      /^Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \(20150830T123059Z \+ 5 min\.\)$/,
    ],
    [at + 60_000, 60, undefined],
    [at + 61_000, 60, /^Signature expired/],
    [at + 500_000, 600, undefined],
    [at - 301_000, 600, /not yet current/],
  ];
  it.each(TIMES)('now %d, good for %s', (now, expiresSeconds, message) => {
    const [, got] = codeOf(() => checkTime({ ...signatureOf(VANILLA, HOST), expiresSeconds }, now)) ?? [];
    if (message) expect(got).toMatch(message);
    else expect(got).toBeUndefined();
  });

  it('a scope of another day, and a date that is none', () => {
    expect(codeOf(() => checkTime({ ...signatureOf(VANILLA, HOST), date: '20150831' }, at))?.[1]).toMatch(/'20150831' != '20150830'/);
    expect(codeOf(() => checkTime({ ...signatureOf(VANILLA, HOST), date: '20159999', timestamp: '20159999T000000Z' }, at))?.[1]).toMatch(
      /no date/,
    );
  });
});

it('whatever is changed in a signed request, the signature is wrong', () => {
  const credentials = { id: 'KEY', secret: SECRET };
  fc.assert(
    fc.property(fc.webPath(), fc.webQueryParameters(), fc.string(), fc.nat(3), (path, query, body, change) => {
      const target = `/${path}?${query}`;
      const headers: Record<string, string> = signed(credentials, {
        target,
        headers: { host: 'h', 'x-amz-log-type': 'Tail' },
        body,
        at: Date.UTC(2026, 1, 1),
      });
      const signature = readSignature(requestOf('POST', target, headers));
      const key = signingKeyOf(SECRET, signature);
      const check = (method: string, to: string, over: Record<string, string>, hash: string): string | undefined =>
        codeOf(() =>
          checkSignature(signature, canonicalRequest(requestOf(method, to, { ...headers, ...over }), signature, hash), key),
        )?.[0];
      expect(check('POST', target, {}, hashOf(body))).toBeUndefined();
      const changed = [
        () => check('PUT', target, {}, hashOf(body)),
        () => check('POST', `/x${target}`, {}, hashOf(body)),
        () => check('POST', target, { 'x-amz-log-type': 'None' }, hashOf(body)),
        () => check('POST', target, {}, hashOf(`${body}x`)),
      ][change];
      expect(changed?.()).toBe('InvalidSignatureException');
    }),
  );
});

it('a signature that is no hexadecimal number of 64 digits is wrong, and nothing worse', () => {
  for (const hex of ['', 'zz', VANILLA.slice(1), `${VANILLA}00`, 'g'.repeat(64)])
    expect(codeOf(() => checkSignature(signatureOf(hex, HOST), '', Buffer.from('k')))?.[0]).toBe('InvalidSignatureException');
});
