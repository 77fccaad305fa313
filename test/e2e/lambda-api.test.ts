import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from '../conformance/lambda-api/cases.ts';
import { type Client, nodeClient, pythonClient } from '../conformance/lambda-api/clients.ts';
import type { Keys } from '../conformance/lambda-api/keys.ts';
import { prepare, run, tidy } from '../conformance/lambda-api/run.ts';

describe('Lambda’s API, by AWS’s own clients', () => {
  let keys: Keys;
  beforeAll(async () => {
    keys = await prepare();
  }, 300_000);
  afterAll(() => tidy());

  const CLIENTS: [string, () => Promise<Client>][] = [
    ['boto3', pythonClient],
    ['@aws-sdk/client-lambda', nodeClient],
  ];
  it.each(CLIENTS)('%s sees what AWS would show', { timeout: 300_000 }, async (_name, client) => {
    const { wrong } = await run(await client(), keys);
    expect(wrong.flatMap((one, i) => (one.length > 0 ? [`${CASES[i]?.name}: ${one.join('; ')}`] : []))).toEqual([]);
  });
});
