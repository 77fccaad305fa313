import { expect, it } from 'vitest';
import { isLambdaPath, operationOf } from './operation.ts';

const KNOWN: [string, string, string, string, string | undefined][] = [
  ['POST', '/2015-03-31/functions/f/invocations', 'Invoke', 'lambda:InvokeFunction', 'f'],
  [
    'POST',
    '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations',
    'Invoke',
    'lambda:InvokeFunction',
    'arn:aws:lambda:us-east-1:000000000000:function:f',
  ],
  ['POST', '/2015-03-31/functions/f:%24LATEST/invocations/', 'Invoke', 'lambda:InvokeFunction', 'f:$LATEST'],
  ['POST', '/2015-03-31/functions/%E0%A4%A/invocations', 'Invoke', 'lambda:InvokeFunction', '%E0%A4%A'],
  ['POST', '/2021-11-15/functions/f/response-streaming-invocations', 'InvokeWithResponseStream', 'lambda:InvokeFunction', 'f'],
  ['POST', '/2014-11-13/functions/f/invoke-async/', 'InvokeAsync', 'lambda:InvokeFunction', 'f'],
  ['GET', '/2015-03-31/functions/', 'ListFunctions', 'lambda:ListFunctions', undefined],
  ['GET', '/2015-03-31/functions', 'ListFunctions', 'lambda:ListFunctions', undefined],
  ['POST', '/2015-03-31/functions', 'CreateFunction', 'lambda:CreateFunction', undefined],
  ['GET', '/2015-03-31/functions/f', 'GetFunction', 'lambda:GetFunction', 'f'],
  ['GET', '/2015-03-31/functions/f/configuration', 'GetFunctionConfiguration', 'lambda:GetFunctionConfiguration', 'f'],
  ['DELETE', '/2015-03-31/functions/f', 'DeleteFunction', 'lambda:DeleteFunction', 'f'],
  ['GET', '/2016-08-19/account-settings/', 'GetAccountSettings', 'lambda:GetAccountSettings', undefined],
];
it.each(KNOWN)('%s %s is %s', (method, path, name, action, functionName) => {
  expect(operationOf(method, path)).toEqual({ name, action, functionName });
  expect(isLambdaPath(path)).toBe(true);
});

it.each([
  ['GET', '/2015-03-31/functions/f/invocations'],
  ['POST', '/2021-11-15/functions/f/invocations'],
  ['POST', '/2015-03-31/functions/a/b/invocations'],
  ['POST', '/2015-03-31/functions//invocations'],
])('%s %s is of the API, and no operation that is known', (method, path) => {
  expect(operationOf(method, path)).toBeUndefined();
  expect(isLambdaPath(path)).toBe(true);
});

it.each([
  '/',
  '/2',
  '/20',
  '/2015-03-31/',
  '/2015-03-31/function',
  '/2015-03-31/functionsx',
  '/default/f/2015-03-31/functions',
  '/2015-3-31/functions',
  '/2026-11-24/report',
])('%s is not of the API', (path) => expect(isLambdaPath(path)).toBe(false));

it('a query does not hide a path', () => expect(isLambdaPath('/2015-03-31/functions?Marker=x')).toBe(true));
