import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Announce, Free, PodMessage, Welcome } from '../../common/api/announcement.ts';
import { isAnnounceToken } from '../../common/api/token.ts';
import { poolSubject } from '../../common/api/warm-pool.ts';
import type { FunctionState } from '../function-state.ts';
import type { FunctionTable } from '../function-table.ts';
import { plainAddress } from '../plain-address.ts';
import type { Claimer } from '../warm/claimer.ts';
import { FreeSession } from './free-session.ts';
import { refuse } from './refuse.ts';
import { eachMessage, Session, type SessionEvents } from './session.ts';

const text = z.string().min(1).max(253);
/** What every pod says of itself. */
const podSchema = z.object({
  namespace: text,
  pod: text,
  ip: z.union([z.ipv4(), z.ipv6()]),
  port: z.number().int().min(1).max(65535),
  uptimeMillis: z.number().min(0),
});
const announceSchema = podSchema.extend({
  type: z.literal('announce'),
  function: text,
  revision: text,
  protocol: z.enum(['lambda', 'http']),
  needsCode: text.optional(),
  pool: text.optional(),
  claim: text.optional(),
  token: z.string().max(1024).optional(),
});
const freeSchema = podSchema.extend({ type: z.literal('free'), pool: text, template: text });

/** Lines are written this often, so that either side notices a dead connection. */
const PING_MILLIS = 5000;

export interface AnnounceOptions {
  table: FunctionTable;
  key: string;
  welcome: () => Welcome;
  /** The autoscaler asks for demand (live/); false when the request is none of that. */
  onOperator: (req: IncomingMessage, res: ServerResponse) => boolean;
  /** Another activator has come (peers/). */
  onPeer: (req: IncomingMessage, res: ServerResponse) => void;
  events: Pick<SessionEvents, 'announced'>;
  warm: Claimer;
  /** Whether all functions are known that there are. */
  synced: () => boolean;
  /** Code of a revision that is not the newest; undefined when it cannot be had. */
  olderCode: (namespace: string, revision: string, digest: string) => Promise<Record<string, string> | undefined>;
}

/** The control port: takes pods' announcements (see common/api/announcement.ts), checks them, and hands out code. */
export class AnnounceServer {
  readonly server: Server;
  readonly #options: AnnounceOptions;
  readonly #sessions = new Set<Session | FreeSession>();
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
    if (req.method === 'POST' && req.url === '/v1/peer') {
      this.#options.onPeer(req, res);
      return;
    }
    if (this.#options.onOperator(req, res)) return;
    if (req.method !== 'POST' || req.url !== '/v1/announce') {
      refuse(res, 'BadAnnouncement');
      return;
    }
    let session: Session | FreeSession | undefined;
    let first = true;
    const begun = (next: Session | FreeSession): void => {
      session = next;
    };
    req.once('close', () => session?.close());
    eachMessage(req, (message) => {
      if (!first) session?.receive(message);
      else {
        first = false;
        const token = req.headers.authorization?.replace(/^Bearer /, '') ?? '';
        if (message.type === 'free') this.#acceptFree(req, res, message, token, begun);
        else this.#accept(req, res, message, token, begun);
      }
    });
  }

  /** A pod of a warm pool that is nobody's yet. */
  #acceptFree(
    req: IncomingMessage,
    res: ServerResponse,
    message: PodMessage,
    token: string,
    onSession: (session: Session | FreeSession) => void,
  ): void {
    const parsed = freeSchema.safeParse(message);
    if (!parsed.success) {
      refuse(res, 'BadAnnouncement');
      return;
    }
    const { key, warm, welcome } = this.#options;
    const free = parsed.data as Free;
    if (!isAnnounceToken(token, key, poolSubject(free.namespace, free.pool))) refuse(res, 'BadToken');
    else if (plainAddress(req.socket.remoteAddress) !== free.ip) refuse(res, 'WrongAddress');
    else {
      const gone = (which: FreeSession): void => {
        warm.free.remove(which);
        this.#sessions.delete(which);
      };
      const session = new FreeSession(free, res, {
        became: (announce) => {
          gone(session);
          // It was claimed from this pool, and is in this namespace: whoever says otherwise is none of ours.
          const isSame =
            announce.namespace === free.namespace && announce.pool === free.pool && announce.pod === free.pod && announce.ip === free.ip;
          if (isSame) this.#accept(req, res, announce, announce.token ?? '', onSession);
          else refuse(res, 'BadAnnouncement');
        },
        refused: (claim) => {
          gone(session);
          warm.refused(claim);
        },
        ended: gone,
      });
      this.#sessions.add(session);
      warm.free.add(session);
      session.begin(welcome());
      onSession(session);
    }
  }

  /** Checks an announcement and answers it; `onSession` is called when it is taken. */
  #accept(req: IncomingMessage, res: ServerResponse, given: PodMessage, token: string, onSession: (session: Session) => void): void {
    const parsed = announceSchema.safeParse(given);
    if (!parsed.success) {
      refuse(res, 'BadAnnouncement');
      return;
    }
    const message = parsed.data as Announce;
    const { table, key, olderCode } = this.#options;
    const fn = table.get(`${message.namespace}/${message.function}`);
    const address = plainAddress(req.socket.remoteAddress);
    if (!isAnnounceToken(token, key, message)) refuse(res, 'BadToken');
    else if (address !== message.ip) refuse(res, 'WrongAddress');
    // Claimed for a function that is gone: nobody else may have it, and nobody will call it.
    else if (!fn && message.pool !== undefined && this.#options.synced()) res.end(`${JSON.stringify({ type: 'retire' })}\n`);
    else if (!fn) refuse(res, 'UnknownRevision');
    else if (message.needsCode === undefined) onSession(this.#begin(fn, message, res, undefined));
    else {
      const code = fn.code.get(message.needsCode);
      if (code) onSession(this.#begin(fn, message, res, code));
      else {
        const taken = (files: Record<string, string> | undefined): void => {
          if (files) onSession(this.#begin(fn, message, res, files));
          else refuse(res, 'UnknownRevision');
        };
        olderCode(message.namespace, message.revision, message.needsCode).then(taken, () => taken(undefined));
      }
    }
  }

  #begin(fn: FunctionState, message: Announce, res: ServerResponse, files: Record<string, string> | undefined): Session {
    const session = new Session(this.#options.table, fn, message, res);
    this.#sessions.add(session);
    const ended = (which: Session): void => {
      this.#sessions.delete(which);
    };
    const code = message.needsCode !== undefined && files ? ({ type: 'code', digest: message.needsCode, files } as const) : undefined;
    this.#options.warm.answered(message);
    session.begin(message, this.#options.welcome(), code, { ...this.#options.events, ended });
    return session;
  }

  #broadcast(message: Parameters<Session['send']>[0]): void {
    for (const session of this.#sessions) session.send(message);
  }
}
