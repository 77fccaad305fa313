import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storeToken } from '../../common/api/store.ts';
import { readPackConfig } from '../config.ts';
import { FetchError } from '../errors.ts';
import { pack } from '../pack.ts';
import type { Packed } from '../termination.ts';
import { listen } from '../testing/listen.ts';
import { STORE_KEY, TestStore } from '../testing/store.ts';
import { inPieces } from './pieces.ts';

const WRITE = 'shop/0123456789abcdef';
const BIG = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index) % 251));

describe('pack', () => {
  let store: TestStore;
  let work: string;
  let retried: string[];
  beforeAll(async () => {
    store = await TestStore.start(mkdtempSync(join(tmpdir(), 'store-')), 4_000_000);
  });
  afterAll(() => store.stop());
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'pack-'));
    mkdirSync(join(work, 'code'));
    writeFileSync(join(work, 'facts.json'), '{}');
    retried = [];
  });
  afterEach(() => rmSync(work, { recursive: true }));

  const put = (name: string, content: string | Buffer, mode = 0o644): void => {
    const path = join(work, 'code', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  };
  const run = (env: NodeJS.ProcessEnv = {}): Promise<Packed> => {
    const config = readPackConfig({
      LULL_WORK_DIR: work,
      LULL_STORE: store.address,
      LULL_STORE_WRITE: WRITE,
      LULL_STORE_WRITE_TOKEN: storeToken(STORE_KEY, `write/${WRITE}`),
      LULL_MAX_UNPACKED_BYTES: '5000000',
      LULL_RETRY_MILLIS: '1',
      ...env,
    });
    return pack(config, (error) => retried.push(error.code));
  };
  const failure = async (env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const error = await run(env).catch((thrown: unknown) => thrown);
    if (!(error instanceof FetchError) || error.code === 'Internal') throw error;
    return error.code;
  };
  const stored = async (digest: string): Promise<Buffer> => {
    const file = await store.blobs.read(digest);
    return await file.readFile().finally(() => file.close());
  };

  it('puts a tar into the store that holds the files, folders and links, and no more', async () => {
    put('app.py', 'print(1)', 0o600);
    put('bootstrap', '#!/bin/sh', 0o711);
    put('lib/data.bin', BIG);
    put('lib-2.py', '');
    put('.git/HEAD', 'ref');
    put('vendor/x/.git', 'gitdir: elsewhere');
    put('a'.repeat(200), 'a long name');
    symlinkSync('../bootstrap', join(work, 'code/lib/run'));
    mkdirSync(join(work, 'code/empty'));
    writeFileSync(join(work, 'facts.json'), JSON.stringify({ commit: 'c'.repeat(40) }));
    const packed = await run();
    expect(packed).toEqual({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: (await stored(packed.digest)).length,
      unpackedBytes: 8 + 9 + BIG.length + 11,
      files: 6,
      commit: 'c'.repeat(40),
    });
    const tar = zstdDecompressSync(await stored(packed.digest));
    const listed = execFileSync('tar', ['tvf', '-', '--numeric-owner', '--utc'], { input: tar, encoding: 'utf8' });
    expect(
      listed
        .trim()
        .split('\n')
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      `-rw-r--r-- 0/0 11 1970-01-01 00:00 ${'a'.repeat(200)}`,
      '-rw-r--r-- 0/0 8 1970-01-01 00:00 app.py',
      '-rwxr-xr-x 0/0 9 1970-01-01 00:00 bootstrap',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 empty',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 lib',
      // By the bytes of the whole name, so not beside the folder.
      '-rw-r--r-- 0/0 0 1970-01-01 00:00 lib-2.py',
      `-rw-r--r-- 0/0 ${BIG.length} 1970-01-01 00:00 lib/data.bin`,
      'lrwxr-xr-x 0/0 0 1970-01-01 00:00 lib/run -> ../bootstrap',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 vendor',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 vendor/x',
    ]);
    execFileSync('tar', ['xf', '-', '-C', work], { input: tar });
    expect(execFileSync('cmp', [join(work, 'lib/data.bin'), join(work, 'code/lib/data.bin')]).length).toBe(0);
    // What was sent is gone.
    expect(existsSync(join(work, 'bundle.tar.zst'))).toBe(false);
  });

  it('makes the same bytes of the same files, whatever their order and times', async () => {
    const files = ['b.py', 'a/z.py', 'a/b/c.py', 'a-1.py', 'B.py', 'é.py'];
    for (const name of files) put(name, name.repeat(1000));
    const first = await run();
    rmSync(join(work, 'code'), { recursive: true });
    for (const name of files.toReversed()) {
      put(name, name.repeat(1000), 0o640);
      utimesSync(join(work, 'code', name), 1, 1);
    }
    expect(await run()).toEqual(first);
    put('b.py', 'b.py'.repeat(1000), 0o755);
    expect((await run()).digest).not.toBe(first.digest);
  });

  it.each([
    ['a link to what is outside', () => symlinkSync('../facts.json', join(work, 'code/out')), 'UnsafeLink'],
    ['an absolute link', () => symlinkSync('/usr/bin/python3', join(work, 'code/python')), 'UnsafeLink'],
    ['a pipe', () => execFileSync('mkfifo', [join(work, 'code/pipe')]), 'UnsafeLink'],
    ['a backslash in a name', () => put('a\\b', ''), 'UnsafePath'],
    [
      'a name that is not UTF-8',
      () => writeFileSync(Buffer.concat([Buffer.from(`${join(work, 'code')}/`), Buffer.from([0xff])]), ''),
      'UnsafePath',
    ],
    ['more than a function may have', () => put('more', Buffer.alloc(4_999_999)), 'TooLarge'],
  ] as const)('refuses %s, which a build may have left', async (_what, leave, code) => {
    put('app.py', 'x!');
    leave();
    expect(await failure()).toBe(code);
  });

  it('refuses folders without a file', async () => {
    mkdirSync(join(work, 'code/empty'));
    put('.git/HEAD', 'ref');
    expect(await failure()).toBe('EmptyBundle');
  });

  it('refuses a name that is taken where it will be unpacked, and at the root only', async () => {
    put('lull/tool', 'x');
    expect(await failure({ LULL_RESERVED: 'lull' })).toBe('ReservedName');
    rmSync(join(work, 'code/lull'), { recursive: true });
    put('lib/lull/tool', 'x');
    expect((await run({ LULL_RESERVED: 'lull' })).files).toBe(1);
  });

  it('takes a store’s word that it has the bundle already, and leaves no connection behind', async () => {
    // More than sockets hold, and more than the store reads of what it does not need.
    put('noise', randomBytes(3_900_000));
    const first = await run();
    for (let times = 0; times < 5; times++) expect(await run()).toEqual(first);
    expect(retried).toEqual([]);
    await expect.poll(() => store.connections()).toBe(0);
  });

  it('says that the store finds it too large', async () => {
    put('noise', randomBytes(4_500_000));
    expect(await failure()).toBe('TooLarge');
  });

  it('says that the store does not know its token, is full or not there', async () => {
    put('app.py', 'x');
    expect(await failure({ LULL_STORE_WRITE: 'other/0123456789abcdef' })).toBe('StoreUnavailable');
    expect(await failure({ LULL_STORE: '127.0.0.1:1' })).toBe('StoreUnavailable');
    const full = createServer((_req, res) => res.writeHead(507, { connection: 'close' }).end());
    expect(await failure({ LULL_STORE: await listen(full) })).toBe('StoreFull');
    full.close();
  });

  it('sends it again when the store is away for a moment', async () => {
    put('app.py', 'y');
    let times = 0;
    const shaky = createServer((req, res) => {
      times += 1;
      if (times === 1) req.socket.destroy();
      else if (times === 2) res.writeHead(503).end();
      else req.resume().on('end', () => res.writeHead(201).end());
    });
    await run({ LULL_STORE: await listen(shaky) });
    expect(retried).toEqual(['StoreUnavailable', 'StoreUnavailable']);
    shaky.close();
  });
});

describe('pieces', () => {
  it('are the same bytes in one size, however they came', async () => {
    const bytes = fc.array(fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)));
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (chunks, size) => {
        const pieces: Buffer[] = [];
        for await (const piece of inPieces(size)(Readable.from(chunks))) pieces.push(piece);
        expect(Buffer.concat(pieces)).toEqual(Buffer.concat(chunks));
        expect(pieces.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect(pieces.every(({ length }) => length > 0 && length <= size)).toBe(true);
      }),
    );
  });
});
