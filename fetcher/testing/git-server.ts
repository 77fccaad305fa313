import { spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { listen } from './listen.ts';

/** Git's own HTTP server (git http-backend) for the bare repositories of a folder; those under /private ask for a user and password, those under /old speak protocol 0. */
export class GitServer {
  readonly #server: Server;
  readonly address: string;

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
  }

  /** @param tls key and certificate, for https */
  static async start(folder: string, user: string, password: string, tls?: { key: string; cert: string }): Promise<GitServer> {
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const listener: RequestListener = (req, res) => {
      const [path = '', query = ''] = (req.url ?? '').split('?');
      if (path.startsWith('/private/') && req.headers.authorization !== expected) {
        res.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
        return;
      }
      const cgi = spawn('git', ['http-backend'], {
        env: {
          PATH: process.env['PATH'],
          GIT_PROJECT_ROOT: folder,
          GIT_HTTP_EXPORT_ALL: '1',
          ...(path.startsWith('/old/') ? {} : { GIT_PROTOCOL: String(req.headers['git-protocol'] ?? '') }),
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: 'safe.directory',
          GIT_CONFIG_VALUE_0: '*',
          PATH_INFO: path.replace(/^\/(private|old)\//, '/'),
          QUERY_STRING: query,
          REQUEST_METHOD: req.method,
          CONTENT_TYPE: req.headers['content-type'] ?? '',
          HTTP_CONTENT_ENCODING: String(req.headers['content-encoding'] ?? ''),
        },
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      cgi.stdin.on('error', () => undefined);
      req.pipe(cgi.stdin);
      const chunks: Buffer[] = [];
      cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      cgi.on('close', () => {
        const output = Buffer.concat(chunks);
        const end = output.indexOf('\r\n\r\n');
        const headers = output
          .subarray(0, end)
          .toString('latin1')
          .split('\r\n')
          .map((line) => line.split(': ') as [string, string]);
        const status = Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
        res.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status'))).end(output.subarray(end + 4));
      });
    };
    const server = tls ? createTlsServer(tls, listener) : createServer(listener);
    return new GitServer(server, await listen(server));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
