const ALPHABET = /^[A-Za-z0-9+/]*$/;
const PADDED = /^([A-Za-z0-9+/]*)(={1,2})$/;

/** Decodes base64 as it comes, piece by piece. Stricter than Buffer's own, which passes over what is none. */
export class Base64Decoder {
  /** Up to three characters that do not make whole bytes yet. */
  #rest = '';
  #ended = false;

  /** Throws an Error for text that is no base64. */
  push(text: string): Buffer {
    const all = this.#rest + text;
    const whole = all.length - (all.length % 4);
    this.#rest = all.slice(whole);
    return this.#decode(all.slice(0, whole));
  }

  /** The last bytes; padding may be left out. */
  end(): Buffer {
    if (this.#rest.length === 1) throw new Error('base64 that ends in the middle of a byte');
    const rest = this.#rest;
    this.#rest = '';
    return this.#decode(rest);
  }

  #decode(text: string): Buffer {
    if (text === '') return Buffer.alloc(0);
    if (this.#ended || !(ALPHABET.test(text) || PADDED.test(text))) throw new Error('not base64');
    this.#ended = text.endsWith('=');
    return Buffer.from(text, 'base64');
  }
}
