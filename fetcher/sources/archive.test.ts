import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveSource } from '../../common/api/code.ts';
import { storeToken } from '../../common/api/store.ts';
import { craftTgz, craftZip } from '../testing/archives.ts';
import { Fetching } from '../testing/config.ts';
import { listen } from '../testing/listen.ts';
import { STORE_KEY, TestStore } from '../testing/store.ts';
import { formatOf } from './archive.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const ZIP = craftZip([{ name: 'app.py', content: 'print(1)' }]);
const TGZ = craftTgz([{ name: 'app.py', content: 'print(2)' }]);

/** How the server answers, by path; it counts what it was asked. */
type Answer = (req: IncomingMessage, res: ServerResponse, times: number) => void;
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
let other = '';
const answers: Record<string, Answer> = {
  '/code.zip': (_req, res) => res.end(ZIP),
  '/code.tgz': (_req, res) => res.end(TGZ),
  // As some servers have it, for a file that is a .tar.gz.
  '/encoded.tgz': (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(TGZ),
  '/moved': (_req, res) => res.writeHead(302, { location: '/code.zip' }).end(),
  '/elsewhere': (_req, res) => res.writeHead(307, { location: `http://${other}/echo` }).end(),
  '/round': (_req, res) => res.writeHead(302, { location: '/round' }).end(),
  '/forbidden': (_req, res) => res.writeHead(403).end('no'),
  '/basic': (req, res) => (req.headers.authorization === basic('me', 'p:w') ? res.end(ZIP) : res.writeHead(401).end()),
  '/bearer': (req, res) => (req.headers.authorization === 'Bearer t0ken' ? res.end(ZIP) : res.writeHead(401).end()),
  '/shaky': (_req, res, times) => (times < 3 ? res.writeHead(503).end() : res.end(ZIP)),
  '/broken': (_req, res) => res.writeHead(500).end(),
  '/cut': (_req, res, times) => {
    res.writeHead(200, { 'content-length': ZIP.length });
    if (times < 2) res.write(ZIP.subarray(0, 10), () => res.destroy());
    else res.end(ZIP);
  },
  '/endless': (_req, res) => {
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536);
      })(),
    )
      .on('error', () => undefined)
      .pipe(res);
  },
};

describe('an archive', () => {
  let asked: string[];
  let host = '';
  let fetching: Fetching;
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (answer) answer(req, res, asked.filter((one) => one === path).length);
    else res.writeHead(404).end();
  });
  const otherServer = createServer((req, res) =>
    res.writeHead(200, { 'x-seen': '' }).end(craftZip([{ name: 'seen', content: req.headers.authorization ?? 'nothing' }])),
  );

  beforeAll(async () => {
    host = await listen(server);
    other = await listen(otherServer);
  });
  afterAll(() => {
    server.close();
    otherServer.close();
  });
  beforeEach(() => {
    asked = [];
    fetching = new Fetching();
  });
  afterEach(() => rmSync(fetching.workDir, { recursive: true }));

  const archive = (path: string, more: Partial<ArchiveSource> = {}): { archive: ArchiveSource } => ({
    archive: { url: `http://${host}${path}`, format: 'zip', sha256: sha256(ZIP), ...more },
  });
  const tgz = { format: 'tgz', sha256: sha256(TGZ) } as const;
  const code = (name = 'app.py'): string => readFileSync(join(fetching.codeDir, name), 'utf8');

  it.each(['/code.zip', '/moved'])('is fetched from %s', async (path) => {
    expect(await fetching.run(archive(path))).toBe(1);
    expect(code()).toBe('print(1)');
    // What was downloaded is gone.
    expect(readdirSync(fetching.workDir).sort()).toEqual(['code', 'facts.json', 'home']);
  });

  it.each(['/code.tgz', '/encoded.tgz'])('is fetched from %s as the bytes that are sent', async (path) => {
    await fetching.run(archive(path, tgz));
    expect(code()).toBe('print(2)');
  });

  it('with another digest is refused', async () => {
    expect(await fetching.failure(archive('/code.zip', { sha256: 'a'.repeat(64) }))).toBe('DigestMismatch');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['/nowhere', 'SourceNotFound'],
    ['/forbidden', 'SourceRefused'],
    ['/basic', 'SourceRefused'],
    ['/endless', 'TooLarge'],
  ] as const)('from %s ends with %s at once', async (path, expected) => {
    expect(await fetching.failure(archive(path), {}, { maxDownloadBytes: 1_000_000 })).toBe(expected);
    expect(asked).toHaveLength(1);
  });

  it('is asked for again when the server fails, or cuts it off', async () => {
    await fetching.run(archive('/shaky'));
    expect(fetching.failures.map(({ code: of }) => of)).toEqual(['SourceUnavailable', 'SourceUnavailable']);
    await fetching.run(archive('/cut'));
    expect(fetching.failures.map(({ code: of }) => of)).toEqual(['SourceUnavailable']);
    expect(code()).toBe('print(1)');
  });

  it('is given up when the server goes on failing, is not there or leads round in circles', async () => {
    expect(await fetching.failure(archive('/broken'))).toBe('SourceUnavailable');
    expect(asked).toHaveLength(4);
    expect(await fetching.failure({ archive: { ...archive('').archive, url: 'http://127.0.0.1:1/code.zip' } })).toBe('SourceUnavailable');
    expect(await fetching.failure(archive('/round'))).not.toBe('SourceNotFound');
  });

  it('is asked for with the Secret’s user and password, or its token', async () => {
    await fetching.run(archive('/basic'), fetching.secret({ username: 'me', password: 'p:w' }));
    await fetching.run(archive('/bearer'), fetching.secret({ token: 't0ken\n' }));
    expect(code()).toBe('print(1)');
  });

  it('is not asked for without the Secret that it names', async () => {
    expect(await fetching.failure(archive('/basic'), fetching.secret({ other: 'x' }))).toBe('CredentialsMissing');
    expect(asked).toEqual([]);
  });

  it('gives no credentials away to where it is redirected', async () => {
    await fetching.run({ archive: { url: `http://${host}/elsewhere`, format: 'zip' } }, fetching.secret({ token: 't0ken' }));
    expect(code('seen')).toBe('nothing');
  });

  it('is fetched by the proxy that the installation names', async () => {
    const through: string[] = [];
    const proxy = createServer((req, res) => {
      through.push(req.url ?? '');
      res.end(ZIP);
    });
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = `http://${await listen(proxy)}`;
    try {
      await fetching.run({ archive: { url: 'http://packages.example/code.zip', sha256: sha256(ZIP) } });
      expect(code()).toBe('print(1)');
      expect(through).toEqual(['http://packages.example/code.zip']);
    } finally {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
      proxy.close();
    }
  });

  it('without a file is refused', async () => {
    answers['/empty.zip'] = (_req, res) => res.end(craftZip([]));
    expect(await fetching.failure({ archive: { url: `http://${host}/empty.zip` } })).toBe('EmptyBundle');
  });

  describe('in the store', () => {
    let store: TestStore;
    const token = (digest: string): NodeJS.ProcessEnv => ({
      LULL_STORE: store.address,
      LULL_STORE_READ_TOKEN: storeToken(STORE_KEY, `read/${digest}`),
    });
    beforeAll(async () => {
      store = await TestStore.start(mkdtempSync(join(tmpdir(), 'store-')));
    });
    afterAll(() => store.stop());

    it('is read by its digest', async () => {
      const digest = sha256(TGZ);
      await store.blobs.write(digest, Readable.from([TGZ]), () => undefined);
      await fetching.run({ archive: { url: `store:///${digest}`, format: 'tgz' } }, token(digest));
      expect(code()).toBe('print(2)');
    });

    it('that is not there is not waited for; a store that is not there is', async () => {
      const source = { archive: { url: `store:///${'0'.repeat(64)}`, format: 'tgz' } } as const;
      expect(await fetching.failure(source, token('0'.repeat(64)))).toBe('SourceNotFound');
      expect(await fetching.failure(source)).toBe('StoreUnavailable');
      expect(fetching.failures).toHaveLength(3);
    });
  });
});

describe('a ConfigMap', () => {
  it('is read as the kubelet mounts it, and nothing that leads out of it', async () => {
    const fetching = new Fetching();
    const mounted = join(fetching.workDir, 'configmap');
    mkdirSync(join(mounted, '..2026_11_25'), { recursive: true });
    writeFileSync(join(mounted, '..2026_11_25/app.py'), 'print(3)');
    symlinkSync('..2026_11_25', join(mounted, '..data'));
    symlinkSync('..data/app.py', join(mounted, 'app.py'));
    symlinkSync('/etc/hostname', join(mounted, 'hostname'));
    expect(await fetching.run({ configMap: { name: 'mine' } }, { LULL_CONFIG_MAP_DIR: mounted })).toBe(1);
    expect(readdirSync(fetching.codeDir)).toEqual(['app.py']);
    rmSync(fetching.workDir, { recursive: true });
  });
});

describe('formatOf', () => {
  it.each([
    ['https://h/a.zip', 'zip'],
    ['https://h/a.zip?sig=x.tgz', 'zip'],
    ['https://h/a.tar.gz#x', 'tgz'],
    ['s3://b/k/a.tgz', 'tgz'],
    ['https://h/download?file=a.zip', undefined],
  ])('%s → %s', (url, format) => {
    expect(formatOf(url)).toBe(format);
  });
});
