import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Category, Destination, Subscription } from './subscription.ts';

/** One event, as JSON. */
export interface TelemetryEvent {
  category: Category;
  json: string;
}

/** A batch that cannot be delivered is tried again, so long after; then it is dropped, and that is an event of its own. */
const RETRY_MILLIS = [50, 200, 1000] as const;
/** Of what waits for an extension that is slower than the function. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const ANSWER_MILLIS = 5000;

export interface SubscriberOptions {
  /** Of the extension. */
  id: string;
  subscription: Subscription;
  dropped: (records: number, bytes: number, reason: string) => void;
}

/** Whoever subscribed: events are gathered into batches, and batches delivered one after another. */
export class Subscriber {
  readonly id: string;
  readonly subscription: Subscription;
  readonly #dropped: SubscriberOptions['dropped'];
  readonly #deliver: (batch: string[]) => Promise<void>;
  #batch: string[] = [];
  #batchBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting: { batch: string[]; bytes: number }[] = [];
  #waitingBytes = 0;
  #sending = false;
  #closed = false;
  readonly #drained: (() => void)[] = [];

  constructor({ id, subscription, dropped }: SubscriberOptions) {
    this.id = id;
    this.subscription = subscription;
    this.#dropped = dropped;
    this.#deliver = deliveryTo(subscription.destination);
  }

  take({ category, json }: TelemetryEvent): void {
    const { types, maxItems, maxBytes, timeoutMillis } = this.subscription;
    if (this.#closed || !types.includes(category)) return;
    this.#batch.push(json);
    this.#batchBytes += json.length;
    if (this.#batch.length >= maxItems || this.#batchBytes >= maxBytes) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), timeoutMillis);
  }

  /** Sends what there is. Calls back when it, and all before it, was delivered or dropped. */
  flush(drained?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    const bytes = this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    if (batch.length > 0 && this.#waitingBytes + bytes > MAX_WAITING_BYTES)
      this.#dropped(batch.length, bytes, 'Consumer seems to have fallen behind as it has not acknowledged receipt of logs.');
    else if (batch.length > 0) {
      this.#waiting.push({ batch, bytes });
      this.#waitingBytes += bytes;
    }
    if (drained) this.#drained.push(drained);
    if (!this.#sending) void this.#send();
  }

  /** Nothing more is delivered. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  async #send(): Promise<void> {
    this.#sending = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const reason = await this.#sendOne(next.batch);
      this.#waitingBytes -= next.bytes;
      // That such events were dropped is not told by another one, and so on.
      const matters = next.batch.some((json) => !json.includes('"type":"platform.logsDropped"'));
      if (reason !== undefined && matters && !this.#closed) this.#dropped(next.batch.length, next.bytes, reason);
    }
    this.#sending = false;
    for (const drained of this.#drained.splice(0)) drained();
  }

  /** Undefined when it was delivered, else why not. */
  async #sendOne(batch: string[]): Promise<string | undefined> {
    for (let tries = 0; ; tries++) {
      try {
        await this.#deliver(batch);
        return undefined;
      } catch (error) {
        const wait = RETRY_MILLIS[tries];
        if (wait === undefined || this.#closed) return `could not send events: ${(error as Error).message}`;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

function deliveryTo(destination: Destination): (batch: string[]) => Promise<void> {
  return destination.protocol === 'TCP' ? byTcp(destination.port) : byHttp(destination);
}

/** A JSON array for each batch. */
function byHttp({ method, port, host, path }: Destination & { protocol: 'HTTP' }): (batch: string[]) => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return (batch) =>
    new Promise((resolve, reject) => {
      const body = Buffer.from(`[${batch.join(',')}]`);
      const headers = { Host: host, 'Content-Type': 'application/json', 'Content-Length': body.length };
      const req = request({ host: '127.0.0.1', port, path, method, headers, agent, timeout: ANSWER_MILLIS }, (res) => {
        res.resume();
        res.on('error', reject);
        res.on('end', () => {
          if ((res.statusCode ?? 500) < 400) resolve();
          else reject(new Error(`the extension answered ${res.statusCode}`));
        });
      });
      req.on('timeout', () => req.destroy(new Error(`the extension did not answer within ${ANSWER_MILLIS / 1000} s`)));
      req.on('error', reject);
      req.end(body);
    });
}

/** One line of JSON an event, on one connection. */
function byTcp(port: number): (batch: string[]) => Promise<void> {
  let socket: Socket | undefined;
  return (batch) =>
    new Promise((resolve, reject) => {
      if (!socket || socket.destroyed) {
        socket = connect({ port, host: '127.0.0.1' });
        // Between batches nobody else listens.
        socket.on('error', () => undefined);
      }
      const current = socket;
      current.once('error', reject);
      current.write(`${batch.join('\n')}\n`, (error) => {
        current.off('error', reject);
        if (error) reject(error);
        else resolve();
      });
    });
}
