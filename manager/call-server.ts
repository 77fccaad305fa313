import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authentication, CallHead } from '../common/lambda-api/authentication.ts';
import { AwsError, type AwsErrorCode } from '../common/lambda-api/aws-error.ts';
import { Caller } from '../common/lambda-api/caller.ts';
import { notImplemented } from '../common/lambda-api/not-implemented.ts';
import { type Operation, operationOf } from '../common/lambda-api/operation.ts';
import { readOperation, type Seen } from '../common/lambda-api/read-operations.ts';
import { pathOf } from '../common/path-of.ts';
import { CallContext } from './call-context.ts';
import type { KubeFunctions } from './kube-functions.ts';
import { settleMillis } from './settle.ts';
import type { StoreClient } from './store-client.ts';
import type { Upload, Uploads } from './upload.ts';
import { type Answer, type WriteSettings, writeOperation } from './write-operations.ts';
import { ZipSplitter } from './zip-splitter.ts';

export interface CallServerOptions extends WriteSettings {
  authentication: Authentication;
  functions: KubeFunctions;
  store: Pick<StoreClient, 'put'>;
  uploads: Uploads;
  /** A call has been answered. @param operation AWS's name, or "unknown" @param code of the error, or "ok" */
  answered: (operation: string, code: AwsErrorCode | 'ok') => void;
  /** Something that should not have happened. */
  failed: (error: unknown) => void;
}

/** As long as 70 MB on a slow line take. */
const REQUEST_MILLIS = 900_000;
/** Longer than clients' connections are kept by an activator. */
const KEEP_ALIVE_MILLIS = 75_000;
/** Of the body of a call that is refused so much is read away, so that the client hears why; then the connection closes. */
const MAX_UNREAD_BYTES = 160 * 1024 * 1024;

/** Where the zip file is in the body of operations that have one. */
const ZIP_PATHS: Readonly<Record<string, readonly string[]>> = { CreateFunction: ['Code', 'ZipFile'], UpdateFunctionCode: ['ZipFile'] };
/** Reading operations that are about all functions. */
const ABOUT_ALL = new Set(['ListFunctions', 'GetAccountSettings']);

/** Calls of Lambda's API that are about functions themselves, as the activators pass them on. Believes nothing that is not signed. */
export function callServer(options: CallServerOptions): Server {
  const server = createServer((req, res) => void serve(req, res, options));
  server.requestTimeout = REQUEST_MILLIS;
  server.keepAliveTimeout = KEEP_ALIVE_MILLIS;
  return server;
}

async function serve(req: IncomingMessage, res: ServerResponse, options: CallServerOptions): Promise<void> {
  const requestId = randomUUID();
  const operation = operationOf(req.method ?? '', pathOf(req.url ?? '/'));
  try {
    const { status, body } = await answerTo(req, operation, options);
    answer(res, requestId, status, body === undefined ? '' : JSON.stringify(body));
    options.answered(operation?.name ?? 'unknown', 'ok');
  } catch (error) {
    // A client that left, in the middle of its upload perhaps.
    if (req.destroyed && !req.complete) return;
    if (!(error instanceof AwsError)) options.failed(error);
    const told =
      error instanceof AwsError ? error : new AwsError('ServiceException', 'Lull failed at this call: see the log of lull-manager.');
    if (!req.complete) res.setHeader('Connection', 'close');
    res.setHeader('x-amzn-ErrorType', told.code);
    if (told.code === 'TooManyRequestsException') res.setHeader('Retry-After', '1');
    answer(res, requestId, told.status, told.body);
    options.answered(operation?.name ?? 'unknown', told.code);
  }
}

function answer(res: ServerResponse, requestId: string, status: number, body: string): void {
  if (body !== '') res.setHeader('Content-Type', 'application/json');
  res.setHeader('x-amzn-RequestId', requestId);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  if (status === 204) res.removeHeader('Content-Length');
  res.writeHead(status).end(body);
}

async function answerTo(req: IncomingMessage, operation: Operation | undefined, options: CallServerOptions): Promise<Answer> {
  const { authentication, functions, store } = options;
  const body = new Body(operation, options.uploads);
  try {
    // Whatever is wrong is told when the body has been read away.
    const claim = body.attempt(() => authentication.claim(callHead(req), false));
    const caller = new Caller(claim);
    if (operation) body.attempt(() => caller.authorize(operation));
    const json = await body.read(req, (hash) => claim && authentication.check(claim, hash));
    if (!operation)
      throw new AwsError(
        'UnknownOperationException',
        `${req.method} ${pathOf(req.url ?? '')} is no operation of Lambda's API that Lull knows.`,
      );
    const query = new URLSearchParams((req.url ?? '').slice(pathOf(req.url ?? '').length + 1));
    const call = new CallContext({ operation, query, caller, body: json, upload: body.upload, functions, store });
    const write = writeOperation(operation.name);
    return write ? await write(call, options) : { status: 200, body: await read(call) };
  } finally {
    await body.upload?.close();
  }
}

async function read(call: CallContext): Promise<object> {
  const { operation, query, caller, functions } = call;
  const isAboutAll = ABOUT_ALL.has(operation.name);
  const runtimes = isAboutAll || operation.functionName !== undefined ? await functions.runtimes() : [];
  const around = ({ spec }: Seen['object']): Seen['around'] => ({
    limits: runtimes.find(({ metadata }) => metadata.name === spec.runtime)?.spec.resources?.limits,
  });
  const one = operation.functionName === undefined ? undefined : await call.existing();
  if (one) await sleep(settleMillis(one.fn, Date.now()));
  const all = isAboutAll ? (await functions.list()).filter((fn) => fn.spec.protocol !== 'http' && caller.maySee(fn)) : [];
  const told = readOperation({
    operation,
    query,
    caller,
    one: () => {
      if (!one) throw new Error(`${operation.name} is about no function`);
      return { object: one.fn, around: around(one.fn), meant: one.meant };
    },
    all: () =>
      all
        .map((object) => ({ object, around: around(object) }))
        .sort((a, b) => (caller.nameOf(a.object) < caller.nameOf(b.object) ? -1 : 1)),
  });
  if (!told) throw notImplemented(operation.name);
  return told;
}

/** A call's body, read whole and kept as far as it must be; the signature covers all of it. */
class Body {
  upload: Upload | undefined;
  readonly #splitter: ZipSplitter;
  readonly #operation: string;
  readonly #uploads: Uploads;
  readonly #hash = createHash('sha256');
  #error: unknown;

  constructor(operation: Operation | undefined, uploads: Uploads) {
    this.#operation = operation?.name ?? '';
    this.#splitter = new ZipSplitter(ZIP_PATHS[this.#operation]);
    this.#uploads = uploads;
  }

  /** Runs what may find the call wrong before its body is there. */
  attempt<T>(run: () => T): T | undefined {
    if (this.#error !== undefined) return undefined;
    try {
      return run();
    } catch (error) {
      this.#error = error;
      return undefined;
    }
  }

  /** @param check is given SHA-256 of the body in hex before anything of it is believed */
  async read(req: IncomingMessage, check: (hash: string) => void): Promise<unknown> {
    let bytes = 0;
    for await (const chunk of req as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (this.#error === undefined) await this.#take(chunk);
      else if (bytes > MAX_UNREAD_BYTES) throw this.#error;
    }
    if (this.#error !== undefined) throw this.#error;
    check(this.#hash.digest('hex'));
    const json = this.#splitter.end();
    // An empty string is a zip file, too: one that is told to be empty.
    if (this.#splitter.hasZip) this.upload ??= await this.#uploads.begin(this.#operation);
    return json;
  }

  async #take(chunk: Buffer): Promise<void> {
    try {
      this.#hash.update(chunk);
      for (const piece of this.#splitter.push(chunk)) {
        this.upload ??= await this.#uploads.begin(this.#operation);
        await this.upload.write(piece);
      }
    } catch (error) {
      this.#error = error;
    }
  }
}

/** A head as the client has sent it, several values of a name joined. */
function callHead(req: IncomingMessage): CallHead {
  const values = new Map<string, string>();
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = (req.rawHeaders[i] as string).toLowerCase();
    const value = (req.rawHeaders[i + 1] as string).trim();
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return { method: req.method ?? '', target: req.url ?? '', headerNames: values.keys(), header: (name) => values.get(name) };
}
