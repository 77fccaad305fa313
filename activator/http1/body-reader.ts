import { Field, type FieldSink, fieldKind, readFields } from './fields.ts';
import { CHUNKED, ProtocolError, UNTIL_CLOSE } from './message.ts';

/** Takes a body as it is read. */
export interface BodySink {
  /** A part of the body, valid during the call only. */
  bodyData(chunk: Buffer): void;
}

/** Bytes that trailers, and the extensions of one chunk, may take. */
const MAX_TRAILER_BYTES = 16_384;
const MAX_EXTENSION_BYTES = 1024;
const MAX_TRAILERS = 64;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const TRAILER = 6;
const DONE = 7;
const LENGTH = 8;
const FOREVER = 9;

/** Reads the body of one message after the other, by length, chunked or until the connection's end. */
export class BodyReader {
  /** After a chunked body: names and values alternating, without those that must not be trailers (RFC 9110, 6.5.1). */
  trailers: string[] | undefined;
  #state = DONE;
  #left = 0;
  #digits = 0;
  #extension = 0;
  #trailer = '';

  /** Makes ready for a body. @param length bytes, or CHUNKED, or UNTIL_CLOSE */
  begin(length: number): void {
    this.trailers = undefined;
    this.#left = 0;
    this.#digits = 0;
    this.#trailer = '';
    if (length === CHUNKED) this.#state = SIZE;
    else if (length === UNTIL_CLOSE) this.#state = FOREVER;
    else {
      this.#left = length;
      this.#state = length === 0 ? DONE : LENGTH;
    }
  }

  get done(): boolean {
    return this.#state === DONE;
  }

  /** The connection's end is this body's. */
  get endsWithConnection(): boolean {
    return this.#state === FOREVER;
  }

  /** Reads from `at`; returns where it stopped: the end of the buffer, or that of the body. Throws ProtocolError. */
  read(buffer: Buffer, at: number, sink: BodySink): number {
    let i = at;
    const { length } = buffer;
    while (i < length && this.#state !== DONE) {
      if (this.#state === DATA || this.#state === LENGTH) {
        const end = Math.min(length, i + this.#left);
        this.#left -= end - i;
        sink.bodyData(buffer.subarray(i, end));
        i = end;
        if (this.#left === 0) this.#state = this.#state === LENGTH ? DONE : DATA_CR;
      } else if (this.#state === FOREVER) {
        sink.bodyData(i === 0 ? buffer : buffer.subarray(i));
        i = length;
      } else if (this.#state === TRAILER) i = this.#readTrailer(buffer, i);
      else {
        this.#framing(buffer[i] as number);
        i += 1;
      }
    }
    return i;
  }

  #framing(byte: number): void {
    switch (this.#state) {
      case SIZE: {
        const digit = hexDigit(byte);
        if (digit >= 0) {
          // 12 digits are 256 TiB; more would not be told from fewer once the number is no longer exact.
          if (++this.#digits > 12) throw new ProtocolError('BadRequest', 'a chunk that is too long');
          this.#left = this.#left * 16 + digit;
        } else if (this.#digits === 0) throw new ProtocolError('BadRequest', 'a chunk without a size');
        else if (byte === 13) this.#state = SIZE_LF;
        else if (byte === 59) {
          this.#extension = 0;
          this.#state = EXTENSION;
        } else throw new ProtocolError('BadRequest', 'a chunk size that is not a hexadecimal number');
        return;
      }
      case EXTENSION:
        if (byte === 13) this.#state = SIZE_LF;
        else if ((byte < 32 && byte !== 9) || byte === 127)
          throw new ProtocolError('BadRequest', 'a control character in a chunk extension');
        else if (++this.#extension > MAX_EXTENSION_BYTES) throw new ProtocolError('BadRequest', 'a chunk extension that is too long');
        return;
      case SIZE_LF:
        if (byte !== 10) throw new ProtocolError('BadRequest', 'a chunk size that does not end in CR LF');
        this.#digits = 0;
        this.#state = this.#left === 0 ? TRAILER : DATA;
        return;
      case DATA_CR:
        if (byte !== 13) throw new ProtocolError('BadRequest', 'a chunk that is longer than it says');
        this.#state = DATA_LF;
        return;
      default:
        if (byte !== 10) throw new ProtocolError('BadRequest', 'a chunk that does not end in CR LF');
        this.#state = SIZE;
    }
  }

  #readTrailer(buffer: Buffer, at: number): number {
    let i = at;
    while (i < buffer.length) {
      const lf = buffer.indexOf(10, i);
      const end = lf < 0 ? buffer.length : lf + 1;
      this.#trailer += buffer.toString('latin1', i, end);
      i = end;
      if (this.#trailer.length > MAX_TRAILER_BYTES) throw new ProtocolError('BadRequest', 'trailers that are too long');
      if (lf < 0) return i;
      if (!this.#trailer.endsWith('\r\n')) throw new ProtocolError('BadRequest', 'a trailer that does not end in CR LF');
      if (this.#trailer === '\r\n' || this.#trailer.endsWith('\r\n\r\n')) {
        if (this.#trailer.length > 2) this.trailers = readTrailers(this.#trailer);
        this.#state = DONE;
        return i;
      }
    }
    return i;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function readTrailers(text: string): string[] | undefined {
  const trailers: string[] = [];
  const sink: FieldSink = {
    field: (name, value) => {
      const kind = fieldKind(name);
      if (kind === Field.contentLength || kind === Field.transferEncoding || kind === Field.host)
        throw new ProtocolError('BadRequest', `${name} as a trailer`);
      if (kind === Field.other) trailers.push(name, value);
    },
  };
  readFields(text, 0, MAX_TRAILERS, sink);
  return trailers.length > 0 ? trailers : undefined;
}
