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
  #claim: string | undefined;
  #became = false;

  constructor(free: Free, res: ServerResponse, events: FreeSessionEvents) {
    this.free = free;
    this.#res = res;
    this.#events = events;
  }

  begin(welcome: ActivatorMessage): void {
    this.#res.writeHead(200, { 'content-type': 'application/x-ndjson' });
    this.send(welcome);
    this.#res.on('close', () => {
      this.#events.ended(this);
      // It died of its claim, or with it: the next one, at once.
      if (this.#claim !== undefined && !this.#became) this.#events.refused(this.#claim);
    });
  }

  claim(message: Claim): void {
    this.#claim = message.id;
    this.send(message);
  }

  send(message: ActivatorMessage): void {
    if (!this.#res.writableEnded) this.#res.write(`${JSON.stringify(message)}\n`);
  }

  receive(message: PodMessage): void {
    if (message.type === 'announce') {
      this.#became = true;
      this.#events.became(message);
      // Somebody else was first; the pod's own word on that may come after this one.
      if (this.#claim !== undefined && this.#claim !== message.claim) this.#events.refused(this.#claim);
    } else if (message.type === 'refused') this.#events.refused(message.claim);
  }

  close(): void {
    this.#res.end();
  }
}
