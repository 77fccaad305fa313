import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Fields } from './call.ts';

/** Which Node does not merely write down: a date of the handler's own stands for Node's, a trailer is refused, cookies are joined… */
const SPECIAL = /^(connection|date|expect|trailer|transfer-encoding|cookie|content-disposition)$/i;

/**
 * The head of an answer, byte for byte as node:http would write it. Undefined where Node had better do it itself. Throws what Node throws for a name or a value that is none.
 */
export function answerHead(status: number, fields: Fields, isLast: boolean): string | undefined {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  let saysConnection = false;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string | number | string[];
    if (SPECIAL.test(name)) {
      if (!isLast || name !== 'Connection' || value !== 'close') return undefined;
      saysConnection = true;
    }
    validateHeaderName(name);
    if (!Array.isArray(value)) head += line(name, value);
    else for (const one of value) head += line(name, one);
  }
  return `${head}Date: ${httpDate(Date.now())}\r\n${saysConnection ? '' : 'Connection: keep-alive\r\n'}\r\n`;
}

function line(name: string, value: string | number): string {
  if (typeof value === 'string') validateHeaderValue(name, value);
  return `${name}: ${value}\r\n`;
}

let second = 0;
let date = '';

/** Made once a second. */
function httpDate(now: number): string {
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    date = new Date(now).toUTCString();
  }
  return date;
}
