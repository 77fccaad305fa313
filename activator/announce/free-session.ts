import type { ServerResponse } from 'node:http';
import type { ActivatorMessage, Announce, Claim, Free, PodMessage } from '../../common/api/announcement.ts';
import type { FreePod } from '../warm/free-pods.ts';

export interface FreeSessionEvents {
  /** It is a function's from now on: whoever claimed it. */
  became(message: Announce): void;
  refused(claim: string): void;
  ended(session: FreeSession): void;
}

/** The connection of a pod of a warm pool, until a function has claimed it. */
export class FreeSession implements FreePod {
  readonly free: Free;
  readonly #res: ServerResponse;
  readonly #events: FreeSessionEvents;

  constructor(free: Free, res: ServerResponse, events: FreeSessionEvents) {
    this.free = free;
    this.#res = res;
    this.#events = events;
  }

  begin(welcome: ActivatorMessage): void {
    this.#res.writeHead(200, { 'content-type': 'application/x-ndjson' });
    this.send(welcome);
    this.#res.on('close', () => this.#events.ended(this));
  }

  claim(message: Claim): void {
    this.send(message);
  }

  send(message: ActivatorMessage): void {
    if (!this.#res.writableEnded) this.#res.write(`${JSON.stringify(message)}\n`);
  }

  receive(message: PodMessage): void {
    if (message.type === 'announce') this.#events.became(message);
    else if (message.type === 'refused') this.#events.refused(message.claim);
  }

  close(): void {
    this.#res.end();
  }
}
