import type { ResponseHead } from '../http1/message.ts';
import type { AnswerExtras } from './sides.ts';

/** How the answer is framed on a connection of HTTP/1. */
export interface Framing {
  chunked: boolean;
  close: boolean;
  /** The client's minor version. */
  minor: number;
}

/** The head of an answer to a client of HTTP/1, as Latin-1: the pod's own fields, our framing and what the activator adds. */
export function answerHead(head: ResponseHead, extras: AnswerExtras, framing: Framing): string {
  const { fields, status } = head;
  let text = `HTTP/1.1 ${status} ${head.reason}\r\n${fieldLines(fields)}`;
  if (framing.chunked) text += 'Transfer-Encoding: chunked\r\n';
  else if (head.contentLength >= 0 && status >= 200 && status !== 204) text += `Content-Length: ${head.contentLength}\r\n`;
  if (!head.hasRequestId) text += `X-Request-Id: ${extras.requestId}\r\n`;
  if (extras.serverTiming !== undefined) text += `Server-Timing: ${extras.serverTiming}\r\n`;
  if (framing.close) text += 'Connection: close\r\n';
  else if (framing.minor === 0) text += 'Connection: keep-alive\r\n';
  return `${text}\r\n`;
}

/** An interim answer: its own fields only. */
export function informationalHead(head: ResponseHead): string {
  return `HTTP/1.1 ${head.status} ${head.reason}\r\n${fieldLines(head.fields)}\r\n`;
}

export function fieldLines(fields: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
}
