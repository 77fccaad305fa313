import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { readBody } from './body.ts';
import { type Call, type Fields, MAX_REQUEST_BYTES } from './call.ts';

const NOT_ASCII = /[\u0080-\uffff]/;

/** A request that node:http has read. */
export class NodeCall implements Call {
  readonly head: IncomingMessage;
  readonly response: ServerResponse;

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.head = req;
    this.response = res;
    res.on('error', () => undefined);
  }

  get destroyed(): boolean {
    return this.response.destroyed;
  }

  get headersSent(): boolean {
    return this.response.headersSent;
  }

  readBody(done: (body: Buffer | undefined, complete: boolean) => void): void {
    readBody(this.head, MAX_REQUEST_BYTES, done);
  }

  dropBody(): void {
    this.head.resume();
  }

  send(status: number, fields: Fields, body: string | Buffer): void {
    sendByNode(this.response, status, fields, body);
  }

  /** Node sees it in the head. */
  isLast(): void {}

  destroy(): void {
    this.response.destroy();
  }

  onClose(listener: () => void): void {
    this.response.on('close', listener);
  }

  offClose(listener: () => void): void {
    this.response.off('close', listener);
  }
}

/** An answer in one piece. */
export function sendByNode(res: ServerResponse, status: number, fields: Fields, body: string | Buffer): void {
  // Named, since Node keeps the name that went with a head that it refused.
  res.writeHead(status, STATUS_CODES[status] ?? 'unknown', fields);
  // With a body that is a string, Node would write the head in UTF-8: its bytes above 127 would become two each.
  const isAscii = typeof body !== 'string' || !fields.some((field) => NOT_ASCII.test(String(field)));
  res.end(isAscii ? body : Buffer.from(body));
}
