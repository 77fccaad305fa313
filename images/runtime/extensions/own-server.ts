import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the extensions of several handlers find their API: a loopback port of its own. */
export class OwnServer {
  readonly #server: Server;

  constructor(handle: (path: string, req: IncomingMessage, res: ServerResponse) => void) {
    // No timeouts: an extension may wait for its next event for days.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, noDelay: true }, (req, res) => {
      res.on('error', () => undefined);
      handle((req.url ?? '').split('?', 1)[0] as string, req, res);
    });
  }

  /** Calls back with HOST:PORT; at once where it listens already. */
  listen(listening: (address: string) => void): void {
    const tell = (): void => listening(`127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
    if (this.#server.listening) tell();
    else this.#server.listen(0, '127.0.0.1', tell);
  }
}
