import type { Socket } from 'node:net';

/** Up to this, what is to be written is copied into one buffer: one write is cheaper than a vector of several. */
const JOIN_BYTES = 32_768;

/**
 * Gathers what is to be written during one turn, a head and the first of its body most of all, and hands it to the socket at once: a head and a body
 * written apart are two packets and, with delayed acknowledgement, 40 ms.
 */
export class Outbox {
  #pieces: (string | Buffer)[] = [];
  #bytes = 0;
  /** Whether pieces are valid until `flush` returns only, so that what the socket keeps has to be a copy. */
  readonly #borrowed: boolean;

  constructor(borrowed: boolean) {
    this.#borrowed = borrowed;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** @param piece as Latin-1 when it is a string */
  push(piece: string | Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Writes what was gathered; false when the socket has more to send than it should: wait for its drain. */
  flush(socket: Socket): boolean {
    const bytes = this.#bytes;
    if (bytes === 0) return !socket.writableNeedDrain;
    const pieces = this.#pieces;
    this.#bytes = 0;
    if (pieces.length === 1) {
      const piece = pieces[0] as string | Buffer;
      pieces.length = 0;
      if (typeof piece === 'string') return socket.write(piece, 'latin1');
      return socket.write(this.#borrowed ? Buffer.from(piece) : piece);
    }
    this.#pieces = [];
    if (bytes > JOIN_BYTES) return this.#writeEach(socket, pieces);
    const joined = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const piece of pieces) {
      if (typeof piece === 'string') joined.write(piece, at, 'latin1');
      else joined.set(piece, at);
      at += piece.length;
    }
    return socket.write(joined);
  }

  #writeEach(socket: Socket, pieces: (string | Buffer)[]): boolean {
    let room = true;
    socket.cork();
    for (const piece of pieces) {
      if (typeof piece === 'string') room = socket.write(piece, 'latin1');
      else room = socket.write(this.#borrowed ? Buffer.from(piece) : piece);
    }
    socket.uncork();
    return room;
  }
}
