import { expect, it } from 'vitest';
import { functionName } from './function-name.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function';
const FORMS: [string, string | undefined, string, string | undefined, string][] = [
  ['orders', undefined, 'orders', undefined, '$LATEST'],
  ['orders', '', 'orders', undefined, '$LATEST'],
  ['orders', '7', 'orders', undefined, '7'],
  ['orders:$LATEST', undefined, 'orders', undefined, '$LATEST'],
  ['orders:prod', 'prod', 'orders', undefined, 'prod'],
  ['orders.shop', undefined, 'orders', 'shop', '$LATEST'],
  ['orders.shop:prod', undefined, 'orders', 'shop', 'prod'],
  ['123456789012:function:orders', undefined, 'orders', undefined, '$LATEST'],
  ['123456789012:function:orders:prod', undefined, 'orders', undefined, 'prod'],
  ['function:orders', undefined, 'orders', undefined, '$LATEST'],
  [`${ARN}:orders`, undefined, 'orders', undefined, '$LATEST'],
  [`${ARN}:orders:$LATEST`, '$LATEST', 'orders', undefined, '$LATEST'],
  [`${ARN}:orders.shop:1`, undefined, 'orders', 'shop', '1'],
  ['arn:aws-cn:lambda:cn-north-1:123456789012:function:orders', undefined, 'orders', undefined, '$LATEST'],
  ['arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:Or_ders', undefined, 'Or_ders', undefined, '$LATEST'],
];
it.each(FORMS)('%s with qualifier %s', (text, qualifier, name, namespace, got) => {
  const qualified = /:(\$LATEST|prod|\d)$/.test(text) || Boolean(qualifier);
  expect(functionName(text, qualifier)).toEqual({ name, namespace, qualifier: got, qualified });
});

const WRONG: [string, string | undefined, RegExp][] = [
  ['', undefined, /at 'functionName' failed/],
  ['a b', undefined, /Value 'a b'/],
  ['a/b', undefined, /functionName/],
  ['a..b', undefined, /functionName/],
  ['a.b.c', undefined, /functionName/],
  ['a:b:c', undefined, /functionName/],
  ['arn:aws:s3:::bucket', undefined, /functionName/],
  ['arn:aws:lambda:eu-west-1:12:function:a', undefined, /functionName/],
  ['x'.repeat(257), undefined, /functionName/],
  ['orders:1', '2', /derived qualifier/],
];
it.each(WRONG)('%s is refused', (text, qualifier, message) => {
  expect(() => functionName(text, qualifier)).toThrow(message);
});
