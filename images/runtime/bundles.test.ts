import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type Header as FullHeader, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackBundles } from './bundles.ts';
import type { Bundle } from './config.ts';

type Header = Partial<FullHeader> & { name: string };

async function bundleOf(...entries: [Header, string?][]): Promise<{ bytes: Buffer; digest: string }> {
  const tar = pack();
  for (const [header, content] of entries) tar.entry({ mtime: new Date(0), mode: 0o644, ...header }, content ?? '');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const bytes = zstdCompressSync(Buffer.concat(chunks));
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex') };
}

describe('unpackBundles', () => {
  let root: string;
  let server: Server;
  let store: string;
  let answer: RequestListener;
  let spoilt: string[];
  let lines: string[];
  const blobs = new Map<string, Buffer>();

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'lull-bundles-'));
    spoilt = [];
    lines = [];
    blobs.clear();
    answer = (req, res) => {
      const digest = req.url?.split('/').at(-1) ?? '';
      const bytes = req.headers.authorization === `Bearer read-${digest}` ? blobs.get(digest) : undefined;
      res.writeHead(bytes ? 200 : 404, { 'content-length': bytes?.length ?? 0 }).end(bytes);
    };
    server = createServer((req, res) => answer(req, res));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    store = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
    rmSync(root, { recursive: true });
  });

  const put = async (...entries: [Header, string?][]): Promise<Bundle> => {
    const { bytes, digest } = await bundleOf(...entries);
    blobs.set(digest, bytes);
    return { digest, token: `read-${digest}`, target: root };
  };
  const unpacked = (...bundles: Bundle[]): Promise<void> =>
    unpackBundles({ bundles, store, log: (_label, line) => lines.push(line), onSpoilt: (message) => spoilt.push(message) });
  const read = (name: string): string => readFileSync(join(root, name), 'utf8');

  it('unpacks files, folders, links and executable bits', async () => {
    await unpacked(
      await put(
        [{ name: 'bin', type: 'directory', mode: 0o755 }],
        [{ name: 'bin/tool', mode: 0o755 }, '#!/bin/sh\n'],
        [{ name: 'deep/er/app.py' }, 'x = 1\n'],
        [{ name: 'link', type: 'symlink', linkname: 'deep/er/app.py' }],
      ),
    );
    expect(read('deep/er/app.py')).toBe('x = 1\n');
    expect(statSync(join(root, 'bin/tool')).mode & 0o111).toBe(0o111);
    expect(statSync(join(root, 'deep/er/app.py')).mode & 0o111).toBe(0);
    expect(readlinkSync(join(root, 'link'))).toBe('deep/er/app.py');
    expect(lines).toEqual([expect.stringMatching(/^1 bundle unpacked in \d+ ms$/)]);
  });

  it('unpacks layers in their order, later ones over earlier ones', async () => {
    const first = await put([{ name: 'a' }, '1'], [{ name: 'b' }, '1']);
    const second = await put([{ name: 'b' }, '2'], [{ name: 'c' }, '2']);
    await unpacked(first, second);
    expect(['a', 'b', 'c'].map(read)).toEqual(['1', '2', '2']);
  });

  it('takes the later one where one has a file or a link and the other a folder, and leaves the rest of both', async () => {
    const folders = await put(
      [{ name: 'both/', type: 'directory' }],
      [{ name: 'both/first' }, '1'],
      [{ name: 'file/', type: 'directory' }],
      [{ name: 'file/deep/', type: 'directory' }],
      [{ name: 'file/deep/a' }, '1'],
      [{ name: 'link/', type: 'directory' }],
      [{ name: 'link/a' }, '1'],
      [{ name: 'ä \n"\'' + '/', type: 'directory' }],
      [{ name: 'ä \n"\'/a' }, '1'],
    );
    const files = await put(
      [{ name: 'both/', type: 'directory' }],
      [{ name: 'both/second' }, '2'],
      [{ name: 'file' }, '2'],
      [{ name: 'link', type: 'symlink', linkname: 'file' }],
      [{ name: 'ä \n"\'' }, '2'],
    );
    await unpacked(folders, files);
    expect(['both/first', 'both/second', 'file', 'link', 'ä \n"\''].map(read)).toEqual(['1', '2', '2', '2', '2']);
    expect(lines).toEqual([expect.stringContaining('replaces what was a folder'), expect.stringMatching(/^2 bundles unpacked/)]);
    await unpacked(folders);
    expect(['both/second', 'file/deep/a', 'link/a'].map(read)).toEqual(['2', '1', '1']);
    expect(lines).toHaveLength(3);
  });

  it('waits for a bundle that the store has lost, and says so once', async () => {
    const bundle = await put([{ name: 'a' }, '1']);
    const bytes = blobs.get(bundle.digest) as Buffer;
    blobs.clear();
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const give = answer;
    answer = (req, res) => {
      asked += 1;
      if (asked === 3) resolve();
      give(req, res);
    };
    const done = unpacked(bundle);
    await promise;
    expect(existsSync(join(root, 'a'))).toBe(false);
    blobs.set(bundle.digest, bytes);
    await done;
    expect(read('a')).toBe('1');
    expect(lines.filter((line) => line.includes('the store does not have it (404)'))).toHaveLength(1);
  });

  it('tries again after a connection that broke in the middle', async () => {
    const bundle = await put([{ name: 'a' }, 'x'.repeat(100_000)]);
    const bytes = blobs.get(bundle.digest) as Buffer;
    let asked = 0;
    answer = (_req, res) => {
      asked += 1;
      res.writeHead(200, { 'content-length': bytes.length });
      if (asked > 1) res.end(bytes);
      else res.write(bytes.subarray(0, bytes.length >> 1), () => res.destroy());
    };
    await unpacked(bundle);
    expect(read('a')).toHaveLength(100_000);
    expect(spoilt).toEqual([]);
  });

  it('does not go on with something else than was asked for', async () => {
    const bundle = await put([{ name: 'a' }, '1']);
    const other = await bundleOf([{ name: 'a' }, '2']);
    blobs.set(bundle.digest, other.bytes);
    await unpacked(bundle);
    expect(spoilt).toEqual([expect.stringContaining(bundle.digest.slice(0, 12))]);
  });

  it('reports what tar says', async () => {
    const bundle = { ...(await put([{ name: 'a' }, '1'])), target: join(root, 'nowhere') };
    const { promise, resolve } = Promise.withResolvers<string>();
    const bundles = [bundle];
    void unpackBundles({ bundles, store, log: (_label, line) => resolve(line), onSpoilt: () => undefined });
    expect(await promise).toMatch(/nowhere.*tried again$/);
    // Or it would try for ever.
    bundle.target = root;
    await expect.poll(() => existsSync(join(root, 'a'))).toBe(true);
  });
});
