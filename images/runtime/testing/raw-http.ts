import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that writes what it is told to, byte by byte if need be, and reads what comes as it is. Everything is Latin-1: a character is a byte. */
export class RawHttp {
  readonly socket: Socket;
  closed = false;
  #heard = '';
  #wake: () => void = () => undefined;

  static async to(port: number): Promise<RawHttp> {
    const socket = connect(port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    return new RawHttp(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#heard += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Returns when the kernel has it and the loop has turned: whoever reads in this process has had a chance to. */
  async send(text: string): Promise<void> {
    if (this.socket.writable) await new Promise((resolve) => this.socket.write(text, 'latin1', resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Sends nothing more. Returns all that comes until the other side has closed, too. */
  async rest(): Promise<string> {
    this.socket.end();
    while (!this.closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#heard;
  }

  /** The next answer, whole; what came before the connection was closed, if it was, with a mark. */
  async answer(method = 'GET'): Promise<string> {
    for (;;) {
      const length = answerLength(this.#heard, method);
      if (length !== undefined) {
        const text = this.#heard.slice(0, length);
        this.#heard = this.#heard.slice(length);
        return text;
      }
      if (this.closed) return `${this.#heard}<closed>`;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Undefined while it has not come whole. */
function answerLength(text: string, method: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n') + 4;
  if (headEnd < 4) return undefined;
  const head = text.slice(0, headEnd);
  if (method === 'HEAD' || /^HTTP\/1\.1 (1|204|304)/.test(head)) return headEnd;
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) {
    const end = text.indexOf('0\r\n\r\n', headEnd - 2);
    return end < 0 ? undefined : end + 5;
  }
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (length === undefined) return undefined;
  return text.length < headEnd + Number(length) ? undefined : headEnd + Number(length);
}

/** Without what differs each time. */
export function settled(answer: string): string {
  return answer
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replace(/Date: .*\r/g, 'Date: D\r')
    .replace(/dur=[\d.]+/g, 'dur=N')
    .replace(/Root=1-[0-9a-f-]+/g, 'Root=N');
}
