import type { Socket } from 'node:net';
import { receive, receiveNoMore } from '../../common/net/direct-read.ts';
import { PlainCall } from './plain-call.ts';
import { readPlainHead } from './plain-head.ts';

/** The longest head that is looked into here. */
const MAX_HEAD_BYTES = 8192;
/** Of requests that were sent before they were asked for; whoever sends more waits, and is not seen to leave until its answer is written. */
const MAX_WAITING_BYTES = 64 * 1024;
/** A connection on which nothing ever comes is not kept for longer: as long as node:http waits for a head. */
const SILENT_MILLIS = 20_000;

export interface PlainEvents {
  /** A request: the next is not read before it is answered. */
  request(call: PlainCall): void;
  /** Somebody else is to read from here on: `read` are bytes that were, from the beginning of a request. */
  unusual(socket: Socket, read: Buffer): void;
}

/**
 * A connection of whoever sends usual requests, read without node:http: a head that comes whole, and a body of known length. With anything else it is handed on, at the
 * beginning of a request, and stays there.
 */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #maxBytes: number;
  readonly #events: PlainEvents;
  /** What came and is not read yet. */
  #rest: Buffer | undefined;
  #call: PlainCall | undefined;
  #reading = false;
  #isHandedOn = false;
  #silent = true;
  readonly #onData = (chunk: Buffer): void => this.#read(chunk);
  readonly #onClose = (): void => this.#call?.closed();
  readonly #onTimeout = (): void => void this.#socket.destroy();

  constructor(socket: Socket, maxBytes: number, events: PlainEvents) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    this.#events = events;
    socket.setTimeout(SILENT_MILLIS, this.#onTimeout);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
    receive(socket, this.#onData);
    socket.resume();
  }

  closeIfIdle(): void {
    if (!this.#call) this.#socket.destroySoon();
  }

  /** @param chunk valid during the call only */
  #read(chunk: Buffer): void {
    if (this.#silent) {
      this.#silent = false;
      this.#socket.setTimeout(0, this.#onTimeout);
    }
    const left = this.#call ? chunk.subarray(this.#call.more(chunk)) : chunk;
    if (left.length === 0) return;
    this.#rest = this.#rest ? Buffer.concat([this.#rest, left]) : left;
    this.#readRest();
    if (!this.#rest) return;
    this.#rest = Buffer.from(this.#rest);
    if (this.#rest.length > MAX_WAITING_BYTES) this.#socket.pause();
  }

  /** A loop, since one that is answered at once would otherwise begin the next within itself. */
  #readRest(): void {
    if (this.#reading) return;
    this.#reading = true;
    while (this.#rest && !this.#call && this.#socket.writable) {
      const bytes = this.#rest;
      this.#rest = undefined;
      this.#request(bytes);
    }
    this.#reading = false;
  }

  #request(bytes: Buffer): void {
    const head = readPlainHead(bytes.toString('latin1', 0, Math.min(bytes.length, MAX_HEAD_BYTES)));
    if (!head || head.length > this.#maxBytes) {
      this.#handOn(bytes);
      return;
    }
    const call = new PlainCall(head, this.#socket, () => this.#ended(call));
    this.#call = call;
    const end = head.end + call.more(bytes.subarray(head.end));
    if (end < bytes.length) this.#rest = bytes.subarray(end);
    this.#events.request(call);
  }

  #ended(call: PlainCall): void {
    if (call.last) {
      this.#rest = undefined;
      receiveNoMore(this.#socket, this.#onData);
      this.#socket.resume();
      this.#socket.destroySoon();
      return;
    }
    this.#call = undefined;
    this.#readRest();
    if (!this.#isHandedOn && !this.#rest && this.#socket.isPaused()) this.#socket.resume();
  }

  #handOn(bytes: Buffer): void {
    const socket = this.#socket;
    this.#isHandedOn = true;
    socket.off('close', this.#onClose);
    socket.off('error', ignore);
    socket.pause();
    receiveNoMore(socket, this.#onData);
    this.#events.unusual(socket, Buffer.from(bytes));
  }
}

/** Whatever is wrong with a connection, its close says it. */
function ignore(): void {}
