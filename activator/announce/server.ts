import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Announce, Welcome } from '../../common/api/announcement.ts';
import { isAnnounceToken } from '../../common/api/token.ts';
import { answerError } from '../errors.ts';
import type { FunctionTable } from '../function-table.ts';
import { eachMessage, Session, type SessionEvents } from './session.ts';

const text = z.string().min(1).max(253);
const announceSchema = z.object({
  type: z.literal('announce'),
  namespace: text,
  function: text,
  revision: text,
  pod: text,
  ip: z.union([z.ipv4(), z.ipv6()]),
  port: z.number().int().min(1).max(65535),
  protocol: z.enum(['lambda', 'http']),
  needsCode: text.optional(),
  uptimeMillis: z.number().min(0),
});

/** Lines are written this often, so that either side notices a dead connection. */
const PING_MILLIS = 5000;

export interface AnnounceOptions {
  table: FunctionTable;
  key: string;
  welcome: () => Welcome;
  events: Pick<SessionEvents, 'announced'>;
  /** Code of a revision that is not the newest; undefined when it cannot be had. */
  olderCode: (namespace: string, revision: string, digest: string) => Promise<Record<string, string> | undefined>;
}

/** The control port: takes pods' announcements (see common/api/announcement.ts), checks them, and hands out code. */
export class AnnounceServer {
  readonly server: Server;
  readonly #options: AnnounceOptions;
  readonly #sessions = new Set<Session>();
  readonly #pings: NodeJS.Timeout;

  constructor(options: AnnounceOptions) {
    this.#options = options;
    this.server = createServer({ requestTimeout: 0, headersTimeout: 5000, keepAliveTimeout: 1000, noDelay: true }, (req, res) =>
      this.#handle(req, res),
    );
    this.#pings = setInterval(() => this.#broadcast({ type: 'ping' }), PING_MILLIS).unref();
  }

  /** Tells every pod of the other activators again. */
  peersChanged(): void {
    this.#broadcast(this.#options.welcome());
  }

  close(): void {
    clearInterval(this.#pings);
    for (const session of this.#sessions) session.close();
    this.server.close();
    this.server.closeIdleConnections();
  }

  #handle(req: IncomingMessage, res: ServerResponse): void {
    req.on('error', () => undefined);
    res.on('error', () => undefined);
    if (req.method !== 'POST' || req.url !== '/v1/announce') {
      answerError(res, 'BadAnnouncement');
      return;
    }
    let session: Session | undefined;
    let first = true;
    req.once('close', () => session?.close());
    eachMessage(req, (message) => {
      if (first) {
        first = false;
        const parsed = announceSchema.safeParse(message);
        if (!parsed.success) answerError(res, 'BadAnnouncement');
        else session = this.#accept(req, res, parsed.data as Announce);
      } else session?.receive(message);
    });
  }

  #accept(req: IncomingMessage, res: ServerResponse, message: Announce): Session | undefined {
    const token = req.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (!isAnnounceToken(token, this.#options.key, message)) {
      answerError(res, 'BadToken');
      return undefined;
    }
    if (req.socket.remoteAddress?.replace(/^::ffff:/, '') !== message.ip) {
      answerError(res, 'WrongAddress');
      return undefined;
    }
    const fn = this.#options.table.get(`${message.namespace}/${message.function}`);
    const code = message.needsCode === undefined ? undefined : fn?.code.get(message.needsCode);
    if (!fn) {
      answerError(res, 'UnknownRevision');
      return undefined;
    }
    const session = new Session(this.#options.table, fn, message, res);
    const begin = (files: Record<string, string> | undefined): void => {
      if (message.needsCode !== undefined && !files) {
        answerError(res, 'UnknownRevision');
        return;
      }
      this.#sessions.add(session);
      const ended = (which: Session): void => {
        this.#sessions.delete(which);
      };
      const handOut = message.needsCode !== undefined && files ? ({ type: 'code', digest: message.needsCode, files } as const) : undefined;
      session.begin(message, this.#options.welcome(), handOut, { ...this.#options.events, ended });
    };
    if (message.needsCode === undefined || code) begin(code);
    else this.#options.olderCode(message.namespace, message.revision, message.needsCode).then(begin, () => begin(undefined));
    return session;
  }

  #broadcast(message: Parameters<Session['send']>[0]): void {
    for (const session of this.#sessions) session.send(message);
  }
}
