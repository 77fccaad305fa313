import { expect, it } from 'vitest';
import { AccessKey } from './access-key.ts';
import { objectName } from './annotations.ts';
import type { Claim } from './authentication.ts';
import { Caller } from './caller.ts';
import { operationOf } from './operation.ts';

const key = new AccessKey(
  'K',
  "secretAccessKey: a secret of twenty letters\nnamespaces: [shop, bank]\nfunctions: ['my-*', '*x']\nactions: ['lambda:Get*']",
);
const caller = new Caller({ key, signature: { region: 'eu-west-1' } } as Claim);
const get = operationOf('GET', '/2015-03-31/functions/x');
const put = operationOf('PUT', '/2015-03-31/functions/x/code');
if (!get || !put) throw new Error('the operations are not known');

it.each([
  ['my-function', 'my-function'],
  ['my--function', 'my--function'],
  ['MyFunction', 'my-function'],
  ['my_function', 'my-function'],
  ['2nd', 'fn-2nd'],
])('a function of AWS’s called %s is called %s here', (name, object) => expect(objectName(name)).toBe(object));

it('a name is of the key’s own namespace, and told as it was given', () => {
  expect(caller.means(get, 'MyFn', undefined)).toEqual({
    namespace: 'shop',
    name: 'my-fn',
    bare: 'MyFn',
    given: 'MyFn',
    qualifier: '$LATEST',
    qualified: false,
    arn: 'arn:aws:lambda:eu-west-1:000000000000:function:MyFn',
  });
  expect(caller.means(get, 'MyFn.bank', '$LATEST')).toMatchObject({
    namespace: 'bank',
    given: 'MyFn.bank',
    arn: 'arn:aws:lambda:eu-west-1:000000000000:function:MyFn.bank:$LATEST',
  });
});

it.each([
  ['another action', put, 'my-fn', /not authorized to perform: lambda:UpdateFunctionCode on resource: .*:my-fn because/],
  ['another namespace', get, 'my-fn.other', /lambda:GetFunction/],
  ['another function', get, 'orders', /lambda:GetFunction/],
])('a key is not good for %s', (_what, operation, name, message) => {
  expect(() => caller.means(operation, name, undefined)).toThrow(message);
});

it('a function is told by the name that it has at AWS, as long as that is one for it', () => {
  const object = (lambdaName: string) =>
    ({ metadata: { name: 'my-fn', namespace: 'bank', annotations: { 'lull.dev/lambda-name': lambdaName } } }) as never;
  expect(caller.nameOf(object('MyFn'))).toBe('MyFn.bank');
  expect(caller.nameOf(object('Orders'))).toBe('my-fn.bank');
});
