import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signed } from '../../common/lambda-api/testing/signed.ts';
import { type Answer, callAt } from '../../test/support/http.ts';
import { fnObject } from '../testing/rig.ts';
import { ALL, errorOf, LambdaRig, ONE, OTHER } from './testing/lambda-rig.ts';

describe('a call that', () => {
  const rig = new LambdaRig(1500, 3);
  beforeAll(async () => {
    await rig.listen();
    await rig.start('f', 1);
    rig.add(fnObject('slow'));
    rig.add(fnObject('web', { protocol: 'http', code: { image: 'x' } }), 1);
    rig.add(fnObject('stopped', { replicas: 0 }));
    const condition = {
      type: 'CodeReady',
      status: 'False',
      reason: 'DigestMismatch',
      message: 'm',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    } as const;
    rig.plane.table.functionChanged({ ...fnObject('unfetched'), status: { conditions: [condition] } });
  }, 30_000);
  afterAll(() => rig.close());

  const REFUSED: [string, () => Promise<Answer>, number, string, RegExp][] = [
    [
      'Event, which would be lost',
      () => rig.invoke('f', {}, { headers: { 'x-amz-invocation-type': 'Event' } }),
      400,
      'InvalidParameterValueException',
      /durable queue/,
    ],
    [
      'another type',
      () => rig.invoke('f', {}, { headers: { 'x-amz-invocation-type': 'Later' } }),
      400,
      'InvalidParameterValueException',
      /enum value set/,
    ],
    [
      'no JSON',
      () => rig.invoke('f', {}, { body: 'hello' }),
      400,
      'InvalidRequestContentException',
      /^Could not parse request body into json/,
    ],
    ['no UTF-8', () => rig.invoke('f', {}, { body: Buffer.from([34, 200, 34]) }), 400, 'InvalidRequestContentException', /Invalid UTF-8/],
    [
      'no such function',
      () => rig.invoke('nothing', {}),
      404,
      'ResourceNotFoundException',
      /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:nothing$/,
    ],
    [
      'one whose code could not be fetched',
      () => rig.invoke('unfetched', {}),
      409,
      'ResourceConflictException',
      /^The operation cannot be performed at this time\. .*state: Failed \(.*DigestMismatch\)$/,
    ],
    ['no such version', () => rig.invoke('f:7', {}), 404, 'ResourceNotFoundException', /function:f:7$/],
    ['no such alias', () => rig.invoke('f', {}, { query: '?Qualifier=prod' }), 404, 'ResourceNotFoundException', /function:f:prod$/],
    ['two qualifiers', () => rig.invoke('f:1', {}, { query: '?Qualifier=2' }), 400, 'InvalidParameterValueException', /derived qualifier/],
    ['a name that is none', () => rig.invoke('a b', {}), 400, 'InvalidParameterValueException', /functionName/],
    [
      'an HTTP server',
      () => rig.invoke('web', {}),
      400,
      'InvalidParameterValueException',
      /^web is an HTTP server .* call http:\/\/web\.ns instead/,
    ],
    [
      'a client context that is no JSON',
      () => rig.invoke('f', {}, { headers: { 'x-amz-client-context': 'bm8=' } }),
      400,
      'InvalidRequestContentException',
      /Client context/,
    ],
    [
      'a client context that is too long',
      () => rig.invoke('f', {}, { headers: { 'x-amz-client-context': 'a'.repeat(3584) } }),
      400,
      'InvalidRequestContentException',
      /3583/,
    ],
    ['another’s namespace', () => rig.invoke('f', {}, { credentials: OTHER, query: '' }), 404, 'ResourceNotFoundException', /function:f$/],
    [
      'another’s namespace by name',
      () => rig.invoke('f.ns', {}, { credentials: OTHER }),
      403,
      'AccessDeniedException',
      /not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:f\.ns/,
    ],
    [
      'another function',
      () => rig.invoke('slow', {}, { credentials: ONE }),
      403,
      'AccessDeniedException',
      /user\/ONEKEY is not authorized/,
    ],
    [
      'a function that is not there, to who may not know',
      () => rig.invoke('nothing', {}, { credentials: ONE }),
      403,
      'AccessDeniedException',
      /not authorized/,
    ],
    [
      'an action that the key has not',
      () => rig.send('/2015-03-31/functions/f', { method: 'GET', credentials: ONE }),
      403,
      'AccessDeniedException',
      /lambda:GetFunction/,
    ],
    [
      'what is not served',
      () => rig.send('/2015-03-31/functions', { body: '{}' }),
      501,
      'NotImplementedException',
      /CreateFunction is not served.*kubectl/,
    ],
    [
      'what is not served, to who may not',
      () => rig.send('/2015-03-31/functions', { body: '{}', credentials: ONE }),
      403,
      'AccessDeniedException',
      /lambda:CreateFunction/,
    ],
    [
      'what is not known',
      () => rig.send('/2015-03-31/functions/f/whatever', { method: 'PUT' }),
      404,
      'UnknownOperationException',
      /whatever/,
    ],
    [
      'an unknown key',
      () => rig.invoke('f', {}, { credentials: { id: 'NOBODY', secret: 'x' } }),
      403,
      'UnrecognizedClientException',
      /security token included in the request is invalid/,
    ],
    [
      'a wrong secret',
      () => rig.invoke('f', {}, { credentials: { id: ALL.id, secret: 'wrong' } }),
      403,
      'InvalidSignatureException',
      /does not match the signature you provided/,
    ],
    [
      'a signature of yesterday',
      () => rig.invoke('f', {}, { at: Date.now() - 86_400_000 }),
      403,
      'InvalidSignatureException',
      /Signature expired/,
    ],
    ['a clock that is ahead', () => rig.invoke('f', {}, { at: Date.now() + 600_000 }), 403, 'InvalidSignatureException', /not yet current/],
    [
      'a session token',
      () => rig.invoke('f', {}, { headers: { 'x-amz-security-token': 'abc' } }),
      403,
      'UnrecognizedClientException',
      /AWS_SESSION_TOKEN/,
    ],
    [
      'an unsigned payload on a plain connection',
      () => rig.invoke('f', {}, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
      403,
      'InvalidSignatureException',
      /encrypted connections only/,
    ],
    [
      'a streamed payload',
      () => rig.invoke('f', {}, { headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } }),
      403,
      'InvalidSignatureException',
      /not supported/,
    ],
    [
      'another payload than was signed',
      () => rig.invoke('f', {}, { headers: { 'x-amz-content-sha256': 'a'.repeat(64) } }),
      403,
      'InvalidSignatureException',
      /not the hash of the body/,
    ],
    [
      'no signature',
      () => callAt('127.0.0.1', rig.port, { method: 'POST', path: '/2015-03-31/functions/f/invocations', body: '{}' }),
      403,
      'MissingAuthenticationTokenException',
      /Missing/,
    ],
    ['a function that is stopped', () => rig.invoke('stopped', {}), 429, 'TooManyRequestsException', /Rate Exceeded/],
  ];
  it.each(REFUSED)('has %s is refused', async (_what, run, status, code, message) => {
    const answer = await run();
    const [gotStatus, gotCode, gotMessage] = errorOf(answer);
    expect([gotStatus, gotCode]).toEqual([status, code]);
    expect(gotMessage).toMatch(message);
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).not.toContain('AWS4-HMAC-SHA256\n');
  });

  it('what was expected to be signed is told to the log alone', () => {
    expect(rig.mismatches.length).toBeGreaterThan(0);
    expect(rig.mismatches[0]).toMatch(/^POST\n\/2015-03-31\/functions\/f\/invocations\n/);
  });

  it('a header that was added to a signed call is refused', async () => {
    const target = '/2015-03-31/functions/f/invocations';
    const headers = signed(ALL, { target, headers: { host: rig.host }, body: '{}' });
    const answer = await callAt('127.0.0.1', rig.port, {
      method: 'POST',
      path: target,
      body: '{}',
      headers: { ...headers, 'X-Amz-Log-Type': 'Tail' },
    });
    expect(errorOf(answer)[2]).toBe("'x-amz-log-type' must be a 'SignedHeader' in the AWS Authorization.");
  });
});
