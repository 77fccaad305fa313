import type { FileHandle } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BLOBS_PATH, type BlobList } from '../common/api/store.ts';
import { isAllowed, type Wanted } from './authorization.ts';
import { type Blobs, isDigest } from './blobs.ts';
import { ERRORS, StoreError } from './errors.ts';
import type { StoreMetrics } from './metrics.ts';

export interface StoreOptions {
  blobs: Blobs;
  /** The installation's key, from which tokens are derived. */
  key: string;
  metrics: StoreMetrics;
  /** A client that takes nothing of a blob for so long is let go. */
  silenceMillis?: number;
  /** What is none of the caller's doing. */
  onError: (error: unknown) => void;
}

/** Read at once from a file: a 50 MB blob takes 50 turns of the event loop. */
const PIECE_BYTES = 1 << 20;
/** Of a body that is refused so much is still read, so that the client gets to see the answer. */
const DRAIN_BYTES = 1 << 20;
/**
 * A client that is gone without a word, or takes nothing, would otherwise keep a file and a socket open for ever. Only while a blob is sent: what comes has
 * requestTimeout, and while a blob is flushed to a slow disk nothing moves either.
 */
const SILENCE_MILLIS = 60_000;

/** The store's one port (common/api/store.ts). */
export function storeServer(options: StoreOptions): Server {
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    req.on('error', () => undefined);
    res.on('error', () => undefined);
    handle(req, res, options).catch((error: unknown) => refuse(req, res, error, options));
    res.once('finish', () => options.metrics.answered(req.method ?? '', res.statusCode));
  };
  const server = createServer({ keepAliveTimeout: 5000, requestTimeout: 600_000, headersTimeout: 10_000 }, answer);
  // Without it Node asks for every body at once. The fetcher waits to be asked, and need not send a bundle that is there.
  server.on('checkContinue', answer);
  return server;
}

async function handle(req: IncomingMessage, res: ServerResponse, options: StoreOptions): Promise<void> {
  const path = (req.url ?? '').split('?', 1)[0] as string;
  const { method } = req;
  if (path === BLOBS_PATH) {
    authorize(req, { kind: 'admin' }, options);
    if (method !== 'GET') throw new StoreError('MethodNotAllowed');
    const list: BlobList = { blobs: options.blobs.list() };
    res.setHeader('content-type', 'application/json').end(JSON.stringify(list));
    return;
  }
  if (!path.startsWith(`${BLOBS_PATH}/`)) throw new StoreError('NoSuchPath');
  const digest = path.slice(BLOBS_PATH.length + 1);
  if (!isDigest(digest)) throw new StoreError('BadDigest');
  if (method === 'GET' || method === 'HEAD') {
    authorize(req, { kind: 'read', digest }, options);
    await send(digest, method, res, options);
  } else if (method === 'PUT') {
    authorize(req, { kind: 'write' }, options);
    await take(digest, req, res, options);
  } else if (method === 'DELETE') {
    authorize(req, { kind: 'admin' }, options);
    await options.blobs.delete(digest);
    res.writeHead(204).end();
  } else throw new StoreError('MethodNotAllowed');
}

function authorize(req: IncomingMessage, wanted: Wanted, { key }: StoreOptions): void {
  if (!isAllowed(wanted, req.headers, key)) throw new StoreError('BadToken');
}

async function send(digest: string, method: string, res: ServerResponse, options: StoreOptions): Promise<void> {
  const { blobs, metrics, silenceMillis = SILENCE_MILLIS } = options;
  const file = await blobs.read(digest);
  try {
    const { size } = await file.stat();
    res.writeHead(200, { 'content-type': 'application/zstd', 'content-length': size, etag: `"${digest}"` });
    if (method === 'HEAD') {
      res.end();
      return;
    }
    res.setTimeout(silenceMillis, () => res.destroy());
    await sendFile(file, size, res, (bytes) => metrics.sent(bytes));
  } finally {
    await file.close();
  }
}

/** Through two buffers in turns: one that is made anew for each piece costs its pages, 11 of 39 ms of CPU for 50 MB. A client that leaves in the middle is nobody's error. */
async function sendFile(file: FileHandle, size: number, res: ServerResponse, sent: (bytes: number) => void): Promise<void> {
  const closed = new Promise<void>((resolve) => res.once('close', resolve));
  const sides = [0, 1].map(() => ({ buffer: Buffer.allocUnsafeSlow(Math.min(size, PIECE_BYTES)), written: Promise.resolve() }));
  for (let at = 0, turn = 0; at < size; turn += 1) {
    const side = sides[turn % 2] as (typeof sides)[number];
    await Promise.race([side.written, closed]);
    if (res.destroyed) return;
    const { bytesRead } = await file.read(side.buffer, 0, side.buffer.length, at);
    if (bytesRead === 0) throw new Error(`a blob of ${size} bytes ended after ${at}`);
    at += bytesRead;
    sent(bytesRead);
    side.written = new Promise((resolve) => res.write(side.buffer.subarray(0, bytesRead), () => resolve()));
  }
  res.end();
  // The buffers are the socket's until then.
  await closed;
}

async function take(digest: string, req: IncomingMessage, res: ServerResponse, { blobs, metrics }: StoreOptions): Promise<void> {
  const isWaiting = /^100-continue$/i.test(req.headers.expect ?? '');
  if (await blobs.renew(digest)) {
    if (isWaiting) {
      // Of a body that never comes, the connection cannot be told from one on which it is late.
      res.writeHead(200, { connection: 'close' }).end();
      return;
    }
    // To its end, which is as far as a new one is read: cut off, a client that sends all before it reads would see a broken connection instead of the answer.
    drain(req, blobs.maxBytes);
    res.writeHead(200).end();
    return;
  }
  if (Number(req.headers['content-length']) > blobs.maxBytes) throw new StoreError('BlobTooLarge', `${blobs.maxBytes} bytes at most`);
  if (isWaiting) res.writeContinue();
  try {
    await blobs.write(digest, req, (bytes) => metrics.received(bytes));
  } catch (error) {
    // Its client is gone, so nobody is told; what there was of it is deleted.
    if (req.destroyed && !req.complete && !(error instanceof StoreError)) return;
    throw error;
  }
  res.writeHead(201).end();
}

/** What is left of a body goes nowhere; a client that sends much more than is wanted is cut off. */
function drain(req: IncomingMessage, maxBytes: number): void {
  let bytes = 0;
  req.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxBytes) req.destroy();
  });
}

function refuse(req: IncomingMessage, res: ServerResponse, error: unknown, { onError }: StoreOptions): void {
  if (!(error instanceof StoreError)) onError(error);
  const refusal = error instanceof StoreError ? error : new StoreError('Internal');
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const { status } = ERRORS[refusal.code];
  // The connection is of no further use when the body was not read.
  res.writeHead(status, { 'content-type': 'application/json', ...(req.complete ? {} : { connection: 'close' }) });
  res.end(`${JSON.stringify({ code: refusal.code, message: refusal.message })}\n`);
  if (!req.complete) drain(req, DRAIN_BYTES);
}
