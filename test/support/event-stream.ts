import { crc32 } from 'node:zlib';

export interface Message {
  headers: Record<string, string>;
  payload: Buffer;
}

/** Reads an event stream (application/vnd.amazon.eventstream) strictly, by its specification. `rest`: what is no whole message yet. */
export function eventMessages(bytes: Buffer): { messages: Message[]; rest: Buffer } {
  const messages: Message[] = [];
  let at = 0;
  while (at + 12 <= bytes.length) {
    const total = bytes.readUInt32BE(at);
    if (at + total > bytes.length) break;
    check('the prelude', bytes.readUInt32BE(at + 8), crc32(bytes.subarray(at, at + 8)));
    check('the message', bytes.readUInt32BE(at + total - 4), crc32(bytes.subarray(at, at + total - 4)));
    const end = at + 12 + bytes.readUInt32BE(at + 4);
    messages.push({ headers: headersOf(bytes.subarray(at + 12, end)), payload: bytes.subarray(end, at + total - 4) });
    at += total;
  }
  return { messages, rest: bytes.subarray(at) };
}

function headersOf(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.length; ) {
    const valueAt = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString('latin1', at + 1, valueAt);
    check(`the type of ${name}`, bytes.readUInt8(valueAt), 7);
    at = valueAt + 3 + bytes.readUInt16BE(valueAt + 1);
    headers[name] = bytes.toString('latin1', valueAt + 3, at);
  }
  return headers;
}

function check(what: string, got: number, expected: number): void {
  if (got !== expected) throw new Error(`${what} is ${got} and not ${expected}`);
}
