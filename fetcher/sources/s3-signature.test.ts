import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../common/api/code.ts';
import { craftZip } from '../testing/archives.ts';
import { Fetching } from '../testing/config.ts';
import { type Keys, SignedS3 } from '../testing/signed-s3.ts';

const ZIP = craftZip([{ name: 'app.py', content: 's3' }]);
/** Not with a `+` or letters beyond ASCII: moto decodes those before it calculates, and finds that no signature matches. */
const KEY = 'public/a b/code.zip';

describe('an archive in an S3 that verifies signatures and rights', () => {
  let s3: SignedS3;
  let fetching: Fetching;
  // The server is installed once.
  beforeAll(async () => {
    s3 = await SignedS3.start({ [KEY]: ZIP, 'private/code.zip': ZIP });
  }, 180_000);
  afterAll(() => s3?.stop());
  beforeEach(() => {
    fetching = new Fetching();
  });
  afterEach(() => rmSync(fetching.workDir, { recursive: true }));

  const source = (key = KEY): Source => ({
    archive: { url: `s3://mine/${key}`, s3: { endpoint: s3.endpoint, forcePathStyle: true } },
  });

  it.each<[string, () => Keys]>([
    ['of a user', () => s3.keys],
    ['of a role, with a session token', () => s3.temporary],
  ])('is fetched with the keys %s', async (_whose, keys) => {
    await fetching.run(source(), fetching.secret(keys()));
    expect(readFileSync(join(fetching.codeDir, 'app.py'), 'utf8')).toBe('s3');
  });

  it.each<[string, () => Keys, string?]>([
    ['a wrong secret key', () => ({ ...s3.keys, AWS_SECRET_ACCESS_KEY: 'wrong' })],
    ['an unknown key', () => ({ ...s3.keys, AWS_ACCESS_KEY_ID: 'AKIANOBODY' })],
    ['temporary keys with another session token', () => ({ ...s3.temporary, AWS_SESSION_TOKEN: 'wrong' })],
    ['keys that may not read it', () => s3.keys, 'private/code.zip'],
  ])('is refused to %s, and not asked for again', async (_what, keys, key) => {
    expect(await fetching.failure(source(key), fetching.secret(keys()))).toBe('SourceRefused');
    expect(fetching.failures).toEqual([]);
  });

  it('that is not there is not found', async () => {
    expect(await fetching.failure(source('public/other.zip'), fetching.secret(s3.keys))).toBe('SourceNotFound');
  });
});
