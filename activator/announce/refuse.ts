import type { ServerResponse } from 'node:http';
import { ERRORS, type ErrorCode } from '../errors.ts';

/** Refuses an announcement; one that was taken already can only be broken off. */
export function refuse(res: ServerResponse, code: ErrorCode): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const { status, message } = ERRORS[code];
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  res.end(`${JSON.stringify({ code, message })}\n`);
}
