import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { download } from './download.ts';

const bundle = { digest: 'd'.repeat(64), token: 'secret', target: '/nowhere' };

describe('download', () => {
  let server: Server | undefined;
  let asked = '';
  let closed = false;

  async function store(serve: (socket: Socket) => void): Promise<string> {
    asked = '';
    closed = false;
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        closed = true;
      });
      socket.on('data', (chunk) => {
        asked += chunk.toString();
        if (asked.endsWith('\r\n\r\n')) serve(socket);
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  afterEach(() => server?.close());

  /** Looks at what it was given when it is done with it, as zlib does in another thread. */
  class Slow extends Writable {
    readonly hash = createHash('sha256');
    bytes = 0;
    override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
      setTimeout(
        () => {
          this.hash.update(chunk);
          this.bytes += chunk.length;
          done();
        },
        Math.random() < 0.3 ? 5 : 0,
      );
    }
  }
  const ended = (out: Writable): Promise<void> => new Promise((resolve) => out.once('finish', resolve));

  it.each([1, 70_000, 12_000_000])('%i bytes come whole, however slowly they are taken', async (length) => {
    const bytes = randomBytes(length);
    const seen = createHash('sha256');
    const out = new Slow();
    const finished = ended(out);
    const from = await store((socket) =>
      socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`), bytes])),
    );
    await download(bundle, from, out, (piece) => seen.update(piece));
    await finished;
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect([out.bytes, out.hash.digest('hex'), seen.digest('hex')]).toEqual([length, digest, digest]);
    expect(asked).toMatch(/^GET \/v1\/blobs\/d{64} HTTP\/1\.1\r\n/);
    expect(asked).toContain('\r\nAuthorization: Bearer secret\r\n');
  });

  it('reads a head that comes in pieces, with the body’s first byte', async () => {
    const out = new Slow();
    const finished = ended(out);
    const pieces = ['HTTP/1.1 200 OK\r\nETag: "x"\r\nConte', 'nt-Length: 3\r\n', '\r', '\na', 'bc'];
    const from = await store((socket) => {
      for (const [i, piece] of pieces.entries()) setTimeout(() => socket.write(piece), i * 10);
    });
    await download(bundle, from, out, () => undefined);
    await finished;
    expect(out.hash.digest('hex')).toBe(createHash('sha256').update('abc').digest('hex'));
  });

  it.each<[string, string, RegExp]>([
    ['a blob that is not there', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', /does not have it \(404\)/],
    ['a refusal', 'HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}', /answers 403$/],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', /without a length$/],
    ['something else', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /something else than HTTP$/],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4000)}`, /something else than HTTP$/],
    ['half of it', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345', /the connection broke$/],
    ['nothing', '', /the connection broke$/],
  ])('%s is told', async (_, answer, message) => {
    const from = await store((socket) => socket.end(answer));
    await expect(download(bundle, from, new Slow(), () => undefined)).rejects.toThrow(message);
  });

  it('a store that is not there is told', async () => {
    const from = await store(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    await expect(download(bundle, from, new Slow(), () => undefined)).rejects.toThrow(/cannot be read: connect ECONNREFUSED/);
  });

  it('a store that falls silent is told, also after it had to wait for long', async () => {
    const from = await store((socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n${'x'.repeat(1_000_000)}`));
    await expect(download(bundle, from, new Slow(), () => undefined, 50)).rejects.toThrow(/was silent for 0.05 s/);
    const slow = new Writable({ write: (_chunk, _encoding, done) => void setTimeout(done, 80) });
    await expect(download(bundle, from, slow, () => undefined, 50)).rejects.toThrow(/was silent for 0.05 s/);
  });

  it('goes when nobody wants more', async () => {
    const from = await store((socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n${'x'.repeat(5_000_000)}`));
    const out = new Slow();
    out.on('error', () => undefined);
    setTimeout(() => out.destroy(), 20);
    await download(bundle, from, out, () => undefined);
    await expect.poll(() => closed).toBe(true);
  });
});
