import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveSource, Source } from '../../common/api/code.ts';
import { craftZip } from '../testing/archives.ts';
import { Fetching } from '../testing/config.ts';
import { listen } from '../testing/listen.ts';
import { S3_KEYS, TestS3 } from '../testing/s3.ts';

const ZIP = craftZip([{ name: 'app.py', content: 's3' }]);

describe('an archive in S3', () => {
  let s3: TestS3;
  let fetching: Fetching;
  // The server is installed once.
  beforeAll(async () => {
    s3 = await TestS3.start('mine');
    const client = new S3Client({
      endpoint: s3.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      credentials: { accessKeyId: S3_KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: S3_KEYS.AWS_SECRET_ACCESS_KEY },
    });
    await client.send(new PutObjectCommand({ Bucket: 'mine', Key: 'a b/code.zip', Body: ZIP }));
  }, 120_000);
  afterAll(() => s3.stop());
  beforeEach(() => {
    fetching = new Fetching();
  });
  afterEach(() => rmSync(fetching.workDir, { recursive: true }));

  const source = (url = 's3://mine/a b/code.zip', more: Partial<ArchiveSource> = {}): Source => ({
    archive: { url, s3: { endpoint: s3.endpoint, forcePathStyle: true }, ...more },
  });

  it('is fetched with the Secret’s keys, and compared if a digest is given', async () => {
    const sha256 = createHash('sha256').update(ZIP).digest('hex');
    const credentials = fetching.secret(S3_KEYS);
    await fetching.run(source(undefined, { sha256 }), credentials);
    expect(readFileSync(join(fetching.codeDir, 'app.py'), 'utf8')).toBe('s3');
    await fetching.run(source(), credentials);
    expect(await fetching.failure(source(undefined, { sha256: 'a'.repeat(64) }), credentials)).toBe('DigestMismatch');
  });

  it.each([
    ['s3://mine/other.zip', 'SourceNotFound'],
    ['s3://other/code.zip', 'SourceNotFound'],
  ])('%s ends with %s', async (url, expected) => {
    expect(await fetching.failure(source(url), fetching.secret(S3_KEYS))).toBe(expected);
    expect(fetching.failures).toEqual([]);
  });

  it('is refused with other keys, and not asked for without any in the Secret', async () => {
    expect(await fetching.failure(source(), fetching.secret({ ...S3_KEYS, AWS_ACCESS_KEY_ID: 'UNKNOWN' }))).toBe('SourceRefused');
    expect(await fetching.failure(source(), fetching.secret({ AWS_ACCESS_KEY_ID: 'half' }))).toBe('CredentialsMissing');
  });

  it('is asked for without a signature when no Secret is named', async () => {
    const seen: (string | undefined)[] = [];
    const open = createServer((req, res) => {
      seen.push(`${req.url} ${req.headers.authorization}`);
      res.end(ZIP);
    });
    await fetching.run(source('s3://public/code.zip', { s3: { endpoint: `http://${await listen(open)}`, forcePathStyle: true } }));
    expect(seen).toEqual(['/public/code.zip?x-id=GetObject undefined']);
    open.close();
  });

  it('is fetched by the proxy that the installation names, but for what it excepts', async () => {
    const through: string[] = [];
    const proxy = createServer((req, res) => {
      through.push(req.url ?? '');
      res.end(ZIP);
    });
    const env = { HTTP_PROXY: `http://${await listen(proxy)}`, NO_PROXY: '127.0.0.1' };
    await fetching.run(source('s3://mine/code.zip', { s3: { endpoint: 'http://s3.example', forcePathStyle: true } }), env);
    expect(through).toEqual(['http://s3.example/mine/code.zip?x-id=GetObject']);
    await fetching.run(source(), { ...env, ...fetching.secret(S3_KEYS) });
    expect(through).toHaveLength(1);
    proxy.close();
  });

  it('is asked for again when the store fails or is away', async () => {
    let times = 0;
    const shaky = createServer((_req, res) => {
      times += 1;
      if (times === 1) res.writeHead(503).end();
      else if (times === 2) res.writeHead(200, { 'content-length': ZIP.length }).write(ZIP.subarray(0, 10), () => res.destroy());
      else res.end(ZIP);
    });
    await fetching.run(source('s3://b/code.zip', { s3: { endpoint: `http://${await listen(shaky)}`, forcePathStyle: true } }));
    expect(fetching.failures.map(({ code }) => code)).toEqual(['SourceUnavailable', 'SourceUnavailable']);
    shaky.close();
    expect(await fetching.failure(source('s3://b/code.zip', { s3: { endpoint: 'http://127.0.0.1:1' } }))).toBe('SourceUnavailable');
  });
});
