import type { IncomingMessage, ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import type { ActivatorMessage, Announce, PodMessage } from '../../common/api/announcement.ts';
import type { FunctionState } from '../function-state.ts';
import type { FunctionTable } from '../function-table.ts';
import type { Pod } from '../pods/pod.ts';
import { referredNames } from '../warm/environment.ts';
import { whenListening } from './listening.ts';

/** A Secret may have 1 MiB; who has more than two waits for pods of its own. */
const MAX_TOLD_CHARACTERS = 2 << 20;

/** What a session reports. */
export interface SessionEvents {
  announced(fn: FunctionState, pod: Pod, message: Announce): void;
  ended(session: Session): void;
}

/** The connection of one announced pod, for as long as it stands. */
export class Session {
  readonly fn: FunctionState;
  readonly pod: Pod;
  readonly #res: ServerResponse;
  readonly #abort = new AbortController();
  readonly #say = (line: ActivatorMessage): void => this.send(line);

  constructor(table: FunctionTable, fn: FunctionState, message: Announce, res: ServerResponse) {
    this.fn = fn;
    this.#res = res;
    this.pod = table.addPod(fn, { name: message.pod, revision: message.revision, ip: message.ip, port: message.port });
    // A container that was restarted in the same pod begins anew.
    this.pod.draining = this.pod.deleting;
    this.pod.direct = 0;
    this.pod.pool = message.pool ?? '';
    this.pod.say = this.#say;
  }

  /** Answers the announcement: welcome, the code if it is needed, and the pod is routed to. */
  begin(message: Announce, welcome: ActivatorMessage, code: ActivatorMessage | undefined, events: SessionEvents): void {
    // A pod that was free has been welcomed before.
    if (!this.#res.headersSent) {
      this.#res.writeHead(200, { 'content-type': 'application/x-ndjson' });
      this.send(welcome);
    }
    if (code) this.send(code);
    const usable = (): void => {
      this.pod.announced = true;
      this.pod.listens();
      events.announced(this.fn, this.pod, message);
      this.fn.pump();
    };
    if (message.protocol === 'lambda') usable();
    else whenListening(message.ip, message.port, this.#abort.signal, usable);
    this.#res.on('close', () => this.#end(events));
  }

  send(message: ActivatorMessage): void {
    if (!this.#res.writableEnded) this.#res.write(`${JSON.stringify(message)}\n`);
  }

  /** Reads what the pod says after its announcement. */
  receive(message: PodMessage): void {
    if (message.type === 'draining') this.pod.draining = true;
    else if (message.type === 'environment') this.#told(message.values);
    else if (message.type === 'load' && Number.isInteger(message.direct) && message.direct >= 0) {
      const isLess = message.direct < this.pod.direct;
      this.pod.direct = message.direct;
      if (isLess) this.fn.pump();
    }
  }

  /** What the pod's own environment has of what was asked for; anything else is no answer. */
  #told(values: unknown): void {
    if (this.pod.pool !== '' || values === null || typeof values !== 'object') return;
    const given = values as Record<string, unknown>;
    const kept: Record<string, string> = {};
    let characters = 0;
    for (const name of referredNames(this.fn.revisions.get(this.pod.revision)?.variables ?? [])) {
      const value = given[name];
      if (typeof value !== 'string') continue;
      characters += value.length;
      kept[name] = value;
    }
    if (characters <= MAX_TOLD_CHARACTERS) this.fn.told.set(this.pod.revision, kept);
  }

  /** This activator goes: the pod announces itself elsewhere. */
  close(): void {
    this.#res.end();
  }

  #end(events: SessionEvents): void {
    this.#abort.abort();
    events.ended(this);
    // It has announced itself here again: as the first one when the activator that it knew first has gone, and then gives up the stream to this one as a peer.
    if (this.pod.say !== this.#say) return;
    this.pod.announced = false;
    // Not known any more: what is sent for which there is no room waits in the pod.
    this.pod.direct = 0;
  }
}

/** Calls back for each line of a request body that is a JSON object; a line that is none ends the connection. */
export function eachMessage(req: IncomingMessage, onMessage: (message: PodMessage) => void): void {
  const lines = createInterface({ input: req, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      req.destroy();
      return;
    }
    if (message !== null && typeof message === 'object') onMessage(message as PodMessage);
  });
  // readline hands a broken connection on as an error of its own, and an error that nobody hears ends the process.
  lines.on('error', () => lines.close());
}
