import type { Holds } from './holds.ts';

/** A waiting request's place in a HoldQueue. */
export interface Held {
  /** Set by the queue. */
  heldPrevious: Held | undefined;
  heldNext: Held | undefined;
  heldIn: HoldQueue | undefined;
  /** Leaves the queue and is refused, so that somebody else's request may be held. */
  giveWay(): void;
}

/** Requests that wait for a pod, first come first served: a linked list, so that a client that goes away leaves from the middle at no cost. */
export class HoldQueue {
  /** Requests that may wait here. */
  readonly limit: number;
  readonly #holds: Holds;
  #first: Held | undefined;
  #last: Held | undefined;
  #length = 0;

  constructor(limit: number, holds: Holds) {
    this.limit = limit;
    this.#holds = holds;
  }

  get length(): number {
    return this.#length;
  }

  get first(): Held | undefined {
    return this.#first;
  }

  /** The one that came last. */
  get newest(): Held | undefined {
    return this.#last;
  }

  /** False when the queue is full. */
  push(held: Held): boolean {
    if (this.#length >= this.limit) return false;
    held.heldPrevious = this.#last;
    held.heldNext = undefined;
    if (this.#last) this.#last.heldNext = held;
    else this.#first = held;
    this.#last = held;
    this.#joined(held);
    return true;
  }

  /** Back to the head, for a request that was taken but never reached its pod; not bounded, it was counted before. */
  unshift(held: Held): void {
    held.heldPrevious = undefined;
    held.heldNext = this.#first;
    if (this.#first) this.#first.heldPrevious = held;
    else this.#last = held;
    this.#first = held;
    this.#joined(held);
  }

  /** Takes the longest waiting. */
  shift(): Held | undefined {
    const held = this.#first;
    if (held) this.remove(held);
    return held;
  }

  /** Takes one out, wherever it stands; false when it does not wait here. */
  remove(held: Held): boolean {
    if (held.heldIn !== this) return false;
    if (held.heldPrevious) held.heldPrevious.heldNext = held.heldNext;
    else this.#first = held.heldNext;
    if (held.heldNext) held.heldNext.heldPrevious = held.heldPrevious;
    else this.#last = held.heldPrevious;
    held.heldPrevious = undefined;
    held.heldNext = undefined;
    held.heldIn = undefined;
    this.#length -= 1;
    this.#holds.changed(this, -1);
    return true;
  }

  #joined(held: Held): void {
    held.heldIn = this;
    this.#length += 1;
    this.#holds.changed(this, 1);
  }
}
