import type { Socket } from 'node:net';
import { fieldLines } from '../forward/answer-head.ts';
import { returnSlab, SLAB_BYTES, takeSlab } from './slabs.ts';

/** Up to this, what is to be written is copied into one buffer: one write is cheaper than a vector of several. */
const JOIN_BYTES = 32_768;
/** From this on, a copy of borrowed bytes is made in a slab. */
const COPY_BYTES = 8192;

/**
 * Gathers what is to be written during one turn, a head and the first of its body most of all, and hands it to the socket at once: a head and a body
 * written apart are two packets and, with delayed acknowledgement, 40 ms.
 */
export class Outbox {
  #pieces: (string | Buffer)[] = [];
  #bytes = 0;
  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** @param piece as Latin-1 when it is a string; a buffer is valid until `flush` returns only, so what the socket keeps is a copy */
  push(piece: string | Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** As a chunk of a chunked body; an empty one would end it. */
  pushChunk(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.push(`${chunk.length.toString(16)}\r\n`);
    this.push(chunk);
    this.push('\r\n');
  }

  /** The end of a chunked body. */
  pushLastChunk(trailers: readonly string[] | undefined): void {
    this.push(trailers ? `0\r\n${fieldLines(trailers)}\r\n` : '0\r\n\r\n');
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
      return this.#writeBuffer(socket, piece);
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
      else room = this.#writeBuffer(socket, piece);
    }
    socket.uncork();
    return room;
  }

  #writeBuffer(socket: Socket, piece: Buffer): boolean {
    if (piece.length > SLAB_BYTES || piece.length < COPY_BYTES) return socket.write(Buffer.from(piece));
    const slab = takeSlab();
    slab.set(piece);
    return socket.write(slab.subarray(0, piece.length), () => returnSlab(slab));
  }
}
