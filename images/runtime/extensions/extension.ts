import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export type ExtensionEvent = 'INVOKE' | 'SHUTDOWN';

/** By AWS's names, which are part of its error messages and log lines. */
export type ExtensionState =
  | 'Started'
  | 'Registered'
  | 'Ready'
  | 'Running'
  | 'InitError'
  | 'ExitError'
  | 'LaunchError'
  | 'ShutdownFailed'
  | 'Exited';

/** Which call is allowed in which state; the others are answered 403. */
const ALLOWED: Readonly<Record<'register' | 'next' | 'initError' | 'exitError', readonly ExtensionState[]>> = {
  register: ['Started'],
  next: ['Registered', 'Running'],
  initError: ['Registered', 'InitError'],
  exitError: ['Registered', 'Ready', 'Running', 'ExitError'],
};

/**
 * One extension, as the Extensions API sees it: Started → Registered → Ready ⇄ Running. It is Ready while it waits for its next event, and Running from then
 * until it asks for another one.
 */
export class Extension {
  readonly name: string;
  readonly id = randomUUID();
  state: ExtensionState = 'Started';
  events: readonly ExtensionEvent[] = [];
  /** What it said of its own failure, or why it could not be started. */
  errorType: string | undefined;
  #waiting: ServerResponse | undefined;

  constructor(name: string) {
    this.name = name;
  }

  may(call: keyof typeof ALLOWED): boolean {
    // A client that broke its own waiting off asks again.
    if (call === 'next' && this.state === 'Ready') return !isOpen(this.#waiting);
    return ALLOWED[call].includes(this.state);
  }

  register(events: readonly ExtensionEvent[]): void {
    this.events = [...new Set(events)];
    this.state = 'Registered';
  }

  next(res: ServerResponse): void {
    this.state = 'Ready';
    this.#waiting = res;
  }

  fail(state: 'InitError' | 'ExitError', errorType: string): void {
    // The first word counts.
    if (this.state !== state) this.errorType = errorType;
    this.state = state;
  }

  /** Whether it has said, once or again, that it is done. Those that have failed are not waited for: their process is. */
  get isReady(): boolean {
    return this.state === 'Ready';
  }

  wants(event: ExtensionEvent): boolean {
    return this.events.includes(event);
  }

  /** Hands an event over if it waits for one. */
  send(event: object): boolean {
    const res = this.#waiting;
    if (this.state !== 'Ready' || !isOpen(res)) return false;
    this.#waiting = undefined;
    this.state = 'Running';
    const body = JSON.stringify(event);
    res.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Lambda-Extension-Identifier': this.id,
      'Lambda-Extension-Event-Identifier': randomUUID(),
    });
    res.end(body);
    return true;
  }
}

/** Whether whoever waits for the answer is still there. */
function isOpen(res: ServerResponse | undefined): res is ServerResponse {
  return res !== undefined && !res.destroyed && res.socket?.destroyed === false;
}
