import { type ClientRequest, request } from 'node:http';
import { splitHostPort } from '../../common/host-port.ts';
import type { PeerMessage } from './messages.ts';

const RETRY_MILLIS = 200;

export interface PeerLinkOptions {
  /** HOST:PORT of its control port. */
  address: string;
  token: string;
  hello: PeerMessage;
  onUp: (name: string) => void;
  onDown: () => void;
}

/** The connection that this activator made to another one: what it has to say goes there; it is made again until it is closed. */
export class PeerLink {
  readonly #options: PeerLinkOptions;
  #request: ClientRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #up = false;
  #closed = false;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.#dial();
  }

  send(message: PeerMessage): void {
    if (this.#request && !this.#request.destroyed) this.#request.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#request?.destroy();
  }

  #dial(): void {
    const { address, token, hello } = this.#options;
    const req = request({
      ...splitHostPort(address),
      method: 'POST',
      path: '/v1/peer',
      agent: false,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' },
    });
    this.#request = req;
    req.setNoDelay(true);
    req.on('error', () => undefined);
    req.on('close', () => this.#lost());
    req.on('response', (res) => {
      res.resume().on('error', () => undefined);
      res.on('end', () => req.destroy());
      const name = res.headers['x-lull-activator'];
      if (res.statusCode !== 200 || typeof name !== 'string' || this.#closed) {
        req.destroy();
        return;
      }
      this.#up = true;
      this.#options.onUp(name);
    });
    this.send(hello);
  }

  #lost(): void {
    const wasUp = this.#up;
    this.#up = false;
    this.#request = undefined;
    if (this.#closed) return;
    if (wasUp) this.#options.onDown();
    this.#timer = setTimeout(() => this.#dial(), RETRY_MILLIS).unref();
  }
}
