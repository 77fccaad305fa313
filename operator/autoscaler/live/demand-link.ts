import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { DemandMessage } from '../../../common/api/demand.ts';
import { splitHostPort } from '../../../common/host-port.ts';

const RETRY_MILLIS = 500;
/** An activator says something every second. */
const SILENCE_MILLIS = 5000;

export interface DemandLinkOptions {
  /** HOST:PORT of the activator's control port. */
  address: string;
  token: string;
  onMessage: (message: DemandMessage) => void;
  /** The connection is gone: what was heard says nothing of now. */
  onDown: () => void;
}

/** The connection to one activator by which it tells of demand; made again until it is closed. */
export class DemandLink {
  up = false;
  readonly #options: DemandLinkOptions;
  #request: ClientRequest | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DemandLinkOptions) {
    this.#options = options;
    this.#dial();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#request?.destroy();
  }

  #dial(): void {
    const { address, token } = this.#options;
    const req = request({
      ...splitHostPort(address),
      path: '/v1/demand',
      agent: false,
      timeout: SILENCE_MILLIS,
      headers: { authorization: `Bearer ${token}` },
    });
    this.#request = req;
    req.on('timeout', () => req.destroy());
    req.on('error', () => undefined);
    req.on('close', () => this.#lost());
    req.on('response', (res) => this.#opened(req, res));
    req.end();
  }

  #opened(req: ClientRequest, res: IncomingMessage): void {
    res.on('error', () => undefined);
    if (res.statusCode !== 200) {
      res.resume();
      req.destroy();
      return;
    }
    this.up = true;
    const lines = createInterface({ input: res });
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      try {
        this.#options.onMessage(JSON.parse(line) as DemandMessage);
      } catch {
        req.destroy();
      }
    });
    res.on('end', () => req.destroy());
  }

  #lost(): void {
    this.up = false;
    this.#options.onDown();
    if (!this.#closed) this.#retry = setTimeout(() => this.#dial(), RETRY_MILLIS);
  }
}
