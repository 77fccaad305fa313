import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { listen } from './listen.ts';

/** Speaks https for a server that speaks http only. */
export class TlsFront {
  readonly #server: Server;
  /** HOST:PORT. */
  readonly address: string;

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /**
   * @param tls key and certificate
   * @param behind HOST:PORT of the server that answers
   */
  static async start(tls: { key: string; cert: string }, behind: string, host?: string): Promise<TlsFront> {
    const server = createServer(tls, (req, res) => {
      const { method, url, headers } = req;
      const inner = request(`http://${behind}${url}`, { method, headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(res);
      });
      inner.on('error', () => res.destroy());
      req.pipe(inner);
    });
    return new TlsFront(server, await listen(server, host));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
