import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BlobList, blobPath, storeToken } from '../common/api/store.ts';
import { Blobs } from './blobs.ts';
import { StoreMetrics } from './metrics.ts';
import { storeServer } from './server.ts';

const KEY = 'a key';
const SOURCE = 'shop/0123456789abcdef';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

describe('the store', () => {
  let folder: string;
  let server: Server;
  let registry: Registry;
  const errors: unknown[] = [];

  const start = async (at = folder, silenceMillis = 60_000): Promise<void> => {
    registry = new Registry();
    const blobs = await Blobs.open(at, 5_000_000);
    server = storeServer({
      blobs,
      key: KEY,
      metrics: new StoreMetrics(registry, blobs),
      silenceMillis,
      onError: (error) => errors.push(error),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  };
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
  const port = (): number => (server.address() as AddressInfo).port;
  const call = (method: string, path: string, what?: string, body?: Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const authorization = what === undefined ? {} : { authorization: `Bearer ${storeToken(KEY, what)}` };
      const req = request({ port: port(), method, path, agent: false, headers: { ...authorization, ...headers } }, (res) => {
        const pieces: Buffer[] = [];
        res.on('data', (piece: Buffer) => pieces.push(piece));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(pieces) }));
      });
      req.on('error', reject);
      req.end(body);
    });
  const put = (body: Buffer, digest = sha256(body)): Promise<Answer> =>
    call('PUT', blobPath(digest), `write/${SOURCE}`, body, { 'lull-write': SOURCE });
  const get = (digest: string): Promise<Answer> => call('GET', blobPath(digest), `read/${digest}`);
  const codeOf = ({ status, body }: Answer): string => `${status} ${(JSON.parse(body.toString()) as { code: string }).code}`;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lull-store-'));
    errors.length = 0;
    await start();
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps what it is given under its digest, and has it after a restart', async () => {
    const blob = randomBytes(3_000_000);
    const digest = sha256(blob);
    expect((await get(digest)).status).toBe(404);
    expect((await put(blob)).status).toBe(201);
    expect((await put(blob)).status).toBe(200);
    const head = await call('HEAD', blobPath(digest), `read/${digest}`);
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '3000000', 0]);
    expect((await get(digest)).body.equals(blob)).toBe(true);

    server.close();
    writeFileSync(join(folder, 'incoming-1'), 'half of something');
    await start();
    expect((await get(digest)).body.equals(blob)).toBe(true);
    expect(readdirSync(folder)).toEqual([digest]);
    const { blobs } = JSON.parse((await call('GET', '/v1/blobs', 'admin')).body.toString()) as BlobList;
    expect(blobs).toEqual([{ digest, bytes: 3_000_000, createdAt: expect.any(Number) }]);
    expect((await call('DELETE', blobPath(digest), 'admin')).status).toBe(204);
    expect(codeOf(await get(digest))).toBe('404 BlobNotFound');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('the same blob from many at once', async () => {
    const blob = randomBytes(500_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(blob)));
    expect(answers.every(({ status }) => status === 201 || status === 200)).toBe(true);
    expect(readdirSync(folder)).toEqual([sha256(blob)]);
    expect((await get(sha256(blob))).body.equals(blob)).toBe(true);
  });

  const blob = Buffer.from('content');
  const digest = sha256(blob);
  const other = sha256(Buffer.from('other'));
  it.each<[string, string, string, string | undefined, Record<string, string>, string]>([
    ['no token', 'GET', blobPath(digest), undefined, {}, '403 BadToken'],
    ['a token for another blob', 'GET', blobPath(digest), `read/${other}`, {}, '403 BadToken'],
    ['the right to list is none to read', 'GET', blobPath(digest), 'admin', {}, '403 BadToken'],
    ['the right to read is none to delete', 'DELETE', blobPath(digest), `read/${digest}`, {}, '403 BadToken'],
    ['the right to read is none to list', 'GET', '/v1/blobs', `read/${digest}`, {}, '403 BadToken'],
    ['the right to write for another source', 'PUT', blobPath(digest), 'write/shop/other', { 'lull-write': SOURCE }, '403 BadToken'],
    ['a source that is none', 'PUT', blobPath(digest), 'write/../x', { 'lull-write': '../x' }, '403 BadToken'],
    ['no source', 'PUT', blobPath(digest), `write/${SOURCE}`, {}, '403 BadToken'],
    ['a short digest', 'GET', '/v1/blobs/abc', 'read/abc', {}, '400 BadDigest'],
    ['a path out of the folder', 'GET', '/v1/blobs/..%2f..%2fetc%2fpasswd', 'admin', {}, '400 BadDigest'],
    ['upper case', 'GET', blobPath(digest.toUpperCase()), 'admin', {}, '400 BadDigest'],
    ['another path', 'GET', '/', 'admin', {}, '404 NoSuchPath'],
    ['another method', 'POST', blobPath(digest), 'admin', {}, '405 MethodNotAllowed'],
    ['another method on the list', 'DELETE', '/v1/blobs', 'admin', {}, '405 MethodNotAllowed'],
    ['nothing to delete', 'DELETE', blobPath(digest), 'admin', {}, '404 BlobNotFound'],
  ])('refuses: %s', async (_what, method, path, token, headers, expected) => {
    expect(codeOf(await call(method, path, token, method === 'PUT' ? blob : undefined, headers))).toBe(expected);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses what is not what its path says, and what is too large, and keeps nothing of it', async () => {
    expect(codeOf(await put(Buffer.from('changed on its way'), digest))).toBe('422 DigestMismatch');
    expect(codeOf(await put(randomBytes(5_000_001)))).toBe('413 BlobTooLarge');
    expect(readdirSync(folder)).toEqual([]);
    expect(errors).toEqual([]);
    expect((await put(blob)).status).toBe(201);
  });

  it('a client that leaves in the middle leaves nothing', async () => {
    const socket = connect(port(), '127.0.0.1');
    const authorization = `Bearer ${storeToken(KEY, `write/${SOURCE}`)}`;
    socket.write(
      `PUT ${blobPath(digest)} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nlull-write: ${SOURCE}\r\ncontent-length: 100\r\n\r\nhalf`,
    );
    await vi.waitFor(() => expect(readdirSync(folder).length).toBe(1));
    socket.destroy();
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]));
    expect((await get(digest)).status).toBe(404);
    expect(errors).toEqual([]);
  });

  it('one who leaves while it is sent disturbs nobody', async () => {
    const large = randomBytes(4_000_000);
    await put(large);
    const socket = connect(port(), '127.0.0.1');
    const authorization = `Bearer ${storeToken(KEY, `read/${sha256(large)}`)}`;
    socket.write(`GET ${blobPath(sha256(large))} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    expect((await get(sha256(large))).body.equals(large)).toBe(true);
    expect(errors).toEqual([]);
  });

  it('a client that sends all of a blob that is there before it reads hears that it is there', async () => {
    const large = randomBytes(4_500_000);
    await put(large);
    const authorization = `Bearer ${storeToken(KEY, `write/${SOURCE}`)}`;
    const head = `PUT ${blobPath(sha256(large))} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\nlull-write: ${SOURCE}\r\ncontent-length: ${large.length}\r\n\r\n`;
    const socket = connect(port(), '127.0.0.1');
    const heard = new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      // Read only when all is sent, as clients do that have one thread.
      socket.write(Buffer.concat([Buffer.from(head), large]), () => socket.once('data', (piece) => resolve(String(piece))));
    });
    expect(await heard).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  /** As the fetcher sends: the body only when it is asked for. */
  const putIfAsked = (body: Buffer, what = `write/${SOURCE}`): Promise<{ status: number; isAsked: boolean }> =>
    new Promise((resolve, reject) => {
      let isAsked = false;
      const authorization = `Bearer ${storeToken(KEY, what)}`;
      const headers = { authorization, 'lull-write': SOURCE, expect: '100-continue', 'content-length': body.length };
      const req = request({ port: port(), method: 'PUT', path: blobPath(sha256(body)), agent: false, headers });
      req.on('continue', () => {
        isAsked = true;
        req.end(body);
      });
      req.on('response', (res) => res.resume().on('end', () => resolve({ status: res.statusCode ?? 0, isAsked })));
      req.on('error', reject);
      req.flushHeaders();
    });

  it('a client that waits to be asked sends nothing that is there or refused', async () => {
    const large = randomBytes(3_000_000);
    expect(await putIfAsked(large, 'write/shop/other')).toEqual({ status: 403, isAsked: false });
    expect(await putIfAsked(large)).toEqual({ status: 201, isAsked: true });
    expect((await get(sha256(large))).body.equals(large)).toBe(true);
    expect(await putIfAsked(large)).toEqual({ status: 200, isAsked: false });
    expect(await putIfAsked(randomBytes(5_000_001))).toEqual({ status: 413, isAsked: false });
    // Nor does its connection stay.
    await vi.waitFor(async () => expect(await connections()).toBe(0));
  });

  it('what is put again counts as new: it is not deleted for its age before somebody refers to it', async () => {
    await put(blob);
    const hourAgo = new Date(Date.now() - 3_600_000);
    utimesSync(join(folder, digest), hourAgo, hourAgo);
    server.close();
    await start();
    const createdAt = async (): Promise<number> =>
      (JSON.parse((await call('GET', '/v1/blobs', 'admin')).body.toString()) as BlobList).blobs[0]?.createdAt ?? 0;
    expect(await createdAt()).toBe(hourAgo.getTime());
    expect((await put(blob)).status).toBe(200);
    expect(await createdAt()).toBeGreaterThan(hourAgo.getTime() + 3_500_000);
    server.close();
    await start();
    expect(await createdAt()).toBeGreaterThan(hourAgo.getTime() + 3_500_000);
  });

  it('a client that takes nothing of a blob is let go', async () => {
    server.close();
    await start(folder, 200);
    const large = randomBytes(5_000_000);
    await put(large);
    const socket = connect(port(), '127.0.0.1');
    socket.pause();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write(
      `GET ${blobPath(sha256(large))} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${storeToken(KEY, `read/${sha256(large)}`)}\r\n\r\n`,
    );
    await vi.waitFor(async () => expect(await connections()).toBe(1));
    await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 5000 });
    socket.resume();
    await closed;
  });

  it('a volume that somebody emptied', async () => {
    await put(blob);
    rmSync(join(folder, digest));
    expect(codeOf(await get(digest))).toBe('404 BlobNotFound');
    expect((await put(blob)).status).toBe(201);
    expect((await get(digest)).body.equals(blob)).toBe(true);
  });

  it('says what it does in metrics', async () => {
    await put(blob);
    await get(digest);
    await get(other);
    await vi.waitFor(async () => expect(await registry.metrics()).toContain('lull_store_requests_total{method="GET",code="404"} 1'));
    const text = await registry.metrics();
    for (const line of ['lull_store_blobs 1', 'lull_store_bytes 7', 'lull_store_sent_bytes_total 7', 'lull_store_received_bytes_total 7'])
      expect(text).toContain(`\n${line}\n`);
  });

  it('a full volume is said, and what is there is still served', async ({ skip }) => {
    const small = mkdtempSync(join(tmpdir(), 'lull-store-small-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      rmSync(small, { recursive: true });
      skip('this user may not mount a small file system');
    }
    try {
      server.close();
      await start(small);
      await put(blob);
      expect(codeOf(await put(randomBytes(2_000_000)))).toBe('507 StoreFull');
      expect(readdirSync(small)).toEqual([digest]);
      expect((await get(digest)).body.equals(blob)).toBe(true);
      expect(existsSync(join(small, digest))).toBe(true);
    } finally {
      // The file is closed a moment after its last byte was sent.
      await vi.waitFor(() => execFileSync('umount', [small], { stdio: 'ignore' }));
      rmSync(small, { recursive: true });
    }
  });
});
