import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeToken } from '../common/api/store.ts';
import { ERRORS, FetchError, type FetchErrorCode } from './errors.ts';
import { terminationMessage } from './termination.ts';
import { craftTgz } from './testing/archives.ts';
import { STORE_KEY, TestStore } from './testing/store.ts';

const ARCHIVE = craftTgz([{ name: 'app.py', content: 'print(1)' }]);
const DIGEST = createHash('sha256').update(ARCHIVE).digest('hex');
const SOURCE = { archive: { url: `store:///${DIGEST}`, format: 'tgz' } };
const WRITE = 'shop/0123456789abcdef';

describe('the containers of a fetch Job', () => {
  let store: TestStore;
  let work: string;
  beforeAll(async () => {
    store = await TestStore.start(mkdtempSync(join(tmpdir(), 'store-')));
    await store.blobs.write(DIGEST, Readable.from([ARCHIVE]), () => undefined);
  });
  afterAll(() => store.stop());
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'main-'));
  });
  afterEach(() => rmSync(work, { recursive: true }));

  /** Exit code and termination message. */
  const run = (command: string, env: Record<string, string>): Promise<{ code: number | null; message: unknown }> =>
    new Promise((resolve, reject) => {
      const termination = join(work, 'termination-log');
      writeFileSync(termination, '');
      const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), command], {
        env: { LULL_WORK_DIR: work, LULL_TERMINATION_LOG: termination, LULL_STORE: store.address, LULL_RETRY_MILLIS: '1', ...env },
        stdio: 'ignore',
      });
      child.on('error', reject);
      child.on('close', (code) => {
        const said = readFileSync(termination, 'utf8');
        resolve({ code, message: said === '' ? undefined : JSON.parse(said) });
      });
    });
  const fetching = { LULL_SOURCE: JSON.stringify(SOURCE), LULL_STORE_READ_TOKEN: storeToken(STORE_KEY, `read/${DIGEST}`) };
  const packing = { LULL_STORE_WRITE: WRITE, LULL_STORE_WRITE_TOKEN: storeToken(STORE_KEY, `write/${WRITE}`) };

  it('make a bundle of a source, and say which', async () => {
    expect(await run('fetch', fetching)).toEqual({ code: 0, message: undefined });
    const { code, message } = await run('pack', packing);
    expect(code).toBe(0);
    expect(message).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number), unpackedBytes: 8, files: 1 });
    expect(store.blobs.list().map(({ digest }) => digest)).toContain((message as { digest: string }).digest);
  });

  it.each([
    ['fetch', { ...fetching, LULL_STORE: '127.0.0.1:1' }, 1, 'StoreUnavailable'],
    [
      'fetch',
      { ...fetching, LULL_SOURCE: JSON.stringify({ archive: { ...SOURCE.archive, sha256: 'a'.repeat(64) } }) },
      2,
      'DigestMismatch',
    ],
    ['fetch', { ...fetching, LULL_SOURCE: '{"floppy":{}}' }, 2, 'BadSource'],
    ['fetch', { ...fetching, LULL_SOURCE: '' }, 1, 'Internal'],
    ['unpack', fetching, 1, 'Internal'],
  ])('%s says why it fails, and whether it may be tried again', async (command, env, code, error) => {
    const outcome = await run(command, env);
    expect(outcome).toEqual({ code, message: { error: { code: error, message: expect.stringMatching(/.{20}/) } } });
  });
});

describe('the termination message', () => {
  it.each(Object.keys(ERRORS) as FetchErrorCode[])('of %s fits, whatever was found', (code) => {
    for (const letter of ['x', '"', '\\', '\u0000', '\u001b', 'é', '語', '😀', '\ud800']) {
      const text = terminationMessage(new FetchError(code, letter.repeat(5000)));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
      expect(JSON.parse(text)).toEqual({ error: { code, message: expect.stringContaining(ERRORS[code].message) } });
    }
  });
});
