import { Subscriber, type TelemetryEvent } from './subscriber.ts';
import type { Category, Subscription, TelemetryApi } from './subscription.ts';

/** A record for each of the two APIs; undefined where one of them has no such event. */
export interface Records {
  telemetry: { type: string; record: unknown } | undefined;
  logs: { type: string; record: unknown } | undefined;
}

/** Of what is remembered for those who subscribe while the environment initializes. */
const MAX_REMEMBERED = 1000;

/** Hands the environment's events to whoever subscribed: each subscriber also gets what happened before it, as long as the environment was initializing. */
export class Telemetry {
  #subscribers: Subscriber[] = [];
  #remembered: { time: string; category: Category; records: Records }[] = [];
  #open = true;

  /** Whether anybody listens, or still may. */
  get isWanted(): boolean {
    return this.#open || this.#subscribers.length > 0;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Which of the two APIs the extension with this id has subscribed to. */
  apiOf(id: string): TelemetryApi | undefined {
    return this.#subscribers.find((subscriber) => subscriber.id === id)?.subscription.api;
  }

  subscribe(id: string, subscription: Subscription): void {
    this.unsubscribe(id, subscription);
    const subscriber = new Subscriber({
      id,
      subscription,
      dropped: (droppedRecords, droppedBytes, reason) => {
        const event = { type: 'platform.logsDropped', record: { reason, droppedRecords, droppedBytes } };
        this.emit('platform', { telemetry: event, logs: event });
      },
    });
    this.#subscribers.push(subscriber);
    for (const { time, category, records } of this.#remembered) give(subscriber, time, category, records);
  }

  /** Ends what it has subscribed: all, or what goes to the same destination, whose place another takes. */
  unsubscribe(id: string, instead?: Subscription): void {
    const gone = this.#subscribers.filter((one) => one.id === id && (!instead || same(one.subscription, instead)));
    for (const subscriber of gone) subscriber.close();
    this.#subscribers = this.#subscribers.filter((one) => !gone.includes(one));
  }

  emit(category: Category, records: Records, now: Date = new Date()): void {
    if (!this.isWanted) return;
    const time = now.toISOString();
    if (this.#open && this.#remembered.length < MAX_REMEMBERED) this.#remembered.push({ time, category, records });
    for (const subscriber of this.#subscribers) give(subscriber, time, category, records);
  }

  /** The environment is initialized: nobody subscribes any more. */
  close(): void {
    this.#open = false;
    this.#remembered = [];
  }

  /** Calls back when all is delivered, or dropped. */
  flush(done: () => void): void {
    let missing = this.#subscribers.length;
    if (missing === 0) done();
    for (const subscriber of this.#subscribers)
      subscriber.flush(() => {
        missing -= 1;
        if (missing === 0) done();
      });
  }

  /** A new environment begins. */
  reset(): void {
    for (const subscriber of this.#subscribers) subscriber.close();
    this.#subscribers = [];
    this.#remembered = [];
    this.#open = true;
  }
}

function give(subscriber: Subscriber, time: string, category: Category, records: Records): void {
  const { api, schemaVersion } = subscriber.subscription;
  const event = records[api];
  if (!event) return;
  const record = forSchema(event.record, category, schemaVersion);
  const told: TelemetryEvent = { category, json: JSON.stringify({ time, type: event.type, record }) };
  subscriber.take(told);
}

/** Before 2022-12-13 a line was text, also one of JSON. */
function forSchema(record: unknown, category: Category, schemaVersion: string): unknown {
  const isText = category === 'platform' || typeof record === 'string' || schemaVersion >= '2022-12-13';
  return isText ? record : JSON.stringify(record);
}

function same(one: Subscription, other: Subscription): boolean {
  return JSON.stringify(one.destination) === JSON.stringify(other.destination);
}
