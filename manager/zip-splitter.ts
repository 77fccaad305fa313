import { AwsError } from '../common/lambda-api/aws-error.ts';
import { Base64Decoder } from './base64-decoder.ts';

/** Of a call's body without its zip file; environment, tags and all the rest are some 10 KB. */
const MAX_REST_BYTES = 1 << 20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The longest is that of a code unit: \\u00e9. */
const MAX_ESCAPE = 6;

interface Level {
  isObject: boolean;
  key: string;
  expectsKey: boolean;
}

/** Whether bytes lie in a string, and in which. */
const OUTSIDE = 0;
const KEY = 1;
const VALUE = 2;
const ZIP = 3;

/**
 * Takes the JSON of CreateFunction or UpdateFunctionCode apart while it comes: the string at `path`, 70 MB of base64 perhaps, is decoded and handed on piece by piece,
 * and what is left is small JSON. Only that string is not kept, so the memory that a call takes does not depend on it.
 */
export class ZipSplitter {
  readonly #path: readonly string[] | undefined;
  readonly #levels: Level[] = [];
  readonly #rest: Buffer[] = [];
  readonly #base64 = new Base64Decoder();
  #restBytes = 0;
  #state = OUTSIDE;
  #escaped = false;
  #escape = '';
  #keyText: Buffer[] = [];
  /** The body has had the string. */
  hasZip = false;

  /** @param path undefined for a body without such a string */
  constructor(path: readonly string[] | undefined) {
    this.#path = path;
  }

  /** The bytes of the zip file that were in it. Throws AwsError. */
  push(chunk: Buffer): Buffer[] {
    const zip: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === ZIP) at = this.#readZip(chunk, at, zip);
      else if (this.#state === OUTSIDE) at = this.#readOutside(chunk, at);
      else at = this.#readString(chunk, at);
    }
    return zip;
  }

  /** What is left, parsed, with an empty string where the zip file was. Throws AwsError. */
  end(): unknown {
    const text = Buffer.concat(this.#rest).toString('utf8');
    if (text === '') return {};
    try {
      return JSON.parse(text);
    } catch {
      throw noJson();
    }
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.length;
    if (this.#restBytes > MAX_REST_BYTES)
      throw new AwsError(
        'RequestEntityTooLargeException',
        `Request must be smaller than ${MAX_REST_BYTES} bytes, its zip file not counted.`,
      );
    this.#rest.push(Buffer.from(bytes));
  }

  #readOutside(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && chunk[at] !== QUOTE) {
      this.#structure(chunk[at] as number);
      at += 1;
    }
    if (at === chunk.length) {
      this.#keep(chunk.subarray(from));
      return at;
    }
    this.#keep(chunk.subarray(from, at + 1));
    const level = this.#levels.at(-1);
    if (level?.isObject && level.expectsKey) this.#state = KEY;
    else this.#state = this.#isZip() ? ZIP : VALUE;
    if (this.#state === ZIP) {
      if (this.hasZip) throw noJson();
      this.hasZip = true;
    }
    return at + 1;
  }

  #structure(byte: number): void {
    const level = this.#levels.at(-1);
    const c = String.fromCharCode(byte);
    if (c === '{' || c === '[') {
      // Nothing that a call may say is deeper.
      if (this.#levels.length >= 32) throw noJson();
      this.#levels.push({ isObject: c === '{', key: '', expectsKey: true });
    } else if (c === '}' || c === ']') this.#levels.pop();
    else if (c === ':' && level) level.expectsKey = false;
    else if (c === ',' && level) level.expectsKey = true;
  }

  #isZip(): boolean {
    const path = this.#path;
    return path?.length === this.#levels.length && this.#levels.every(({ isObject, key }, i) => isObject && key === path[i]);
  }

  /** To the quote that ends it, which may come in another chunk. */
  #readString(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at += 1) {
      if (this.#escaped) this.#escaped = false;
      else if (chunk[at] === BACKSLASH) this.#escaped = true;
      else if (chunk[at] === QUOTE) break;
    }
    const text = chunk.subarray(from, at);
    if (this.#state === KEY) this.#keyText.push(Buffer.from(text));
    this.#keep(at < chunk.length ? chunk.subarray(from, at + 1) : text);
    if (at === chunk.length) return at;
    const level = this.#levels.at(-1);
    if (this.#state === KEY && level) level.key = unquoted(Buffer.concat(this.#keyText).toString('utf8'));
    this.#keyText = [];
    this.#state = OUTSIDE;
    return at + 1;
  }

  #readZip(chunk: Buffer, from: number, zip: Buffer[]): number {
    if (this.#escape !== '') return this.#readEscape(chunk, from, zip);
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote < 0 ? chunk.length : quote;
    const backslash = chunk.subarray(from, end).indexOf(BACKSLASH);
    const to = backslash < 0 ? end : from + backslash;
    if (to > from) zip.push(this.#decode(() => this.#base64.push(chunk.toString('latin1', from, to))));
    if (backslash >= 0) {
      this.#escape = '\\';
      return to + 1;
    }
    if (quote < 0) return to;
    zip.push(this.#decode(() => this.#base64.end()));
    this.#keep(chunk.subarray(quote, quote + 1));
    this.#state = OUTSIDE;
    return quote + 1;
  }

  /** Some JSON writers escape the slash. */
  #readEscape(chunk: Buffer, at: number, zip: Buffer[]): number {
    this.#escape += String.fromCharCode(chunk[at] as number);
    if (this.#escape[1] === 'u' && this.#escape.length < MAX_ESCAPE) return at + 1;
    const text = unquoted(this.#escape);
    this.#escape = '';
    zip.push(this.#decode(() => this.#base64.push(text)));
    return at + 1;
  }

  #decode(run: () => Buffer): Buffer {
    try {
      return run();
    } catch {
      throw new AwsError('SerializationException', `${this.#path?.join('.')} is not base64.`);
    }
  }
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    throw noJson();
  }
}

function noJson(): AwsError {
  return new AwsError('SerializationException', 'Could not parse request body into json');
}
