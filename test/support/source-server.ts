import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostAddress } from './host-address.ts';

/** What functions' code is fetched from: files, and Git repositories by Git's own http-backend, on an address that pods reach. Can be stopped and started again. */
export class SourceServer {
  /** Where the repositories are. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'lull-sources-'));
  readonly #files = new Map<string, Buffer>();
  /** What a request for a file must have as Authorization. */
  readonly #guarded = new Map<string, string>();
  #server: Server | undefined;
  #host = '';
  #port = 0;
  /** Requests answered, by path. */
  readonly asked: string[] = [];

  async start(): Promise<void> {
    this.#host ||= await hostAddress();
    const server = createServer((req, res) => this.#answer(req, res));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#host, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** With `login`, only for those who give it. */
  put(name: string, bytes: Buffer, login?: { username: string; password: string }): void {
    this.#files.set(`/${name}`, bytes);
    if (login) this.#guarded.set(`/${name}`, `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`);
  }

  url(name: string): string {
    return `http://${this.#host}:${this.#port}/${name}`;
  }

  /** Commits the files to the branch `main` of a repository, which is made if there is none; the commit. */
  commit(repository: string, files: Record<string, string>): string {
    const work = path.join(this.folder, repository);
    const git = (...args: string[]): string => execFileSync('git', ['-C', work, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
    mkdirSync(work, { recursive: true });
    git('init', '--quiet', '--initial-branch=main');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(work, name)), { recursive: true });
      writeFileSync(path.join(work, name), text);
    }
    git('add', '--all');
    git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'test');
    return git('rev-parse', 'HEAD');
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const { pathname, search } = new URL(req.url ?? '/', 'http://host');
    this.asked.push(pathname);
    const file = this.#files.get(pathname);
    const guard = this.#guarded.get(pathname);
    if (guard !== undefined && req.headers.authorization !== guard)
      res.writeHead(401, { 'www-authenticate': 'Basic' }).end('who are you?\n');
    else if (file) res.writeHead(200, { 'content-length': file.length }).end(file);
    else if (/\/(info\/refs|git-upload-pack)$/.test(pathname)) this.#git(req, res, pathname, search.slice(1));
    else res.writeHead(404).end('not here\n');
  }

  /** CGI, as any web server would do it. */
  #git(req: IncomingMessage, res: ServerResponse, pathname: string, query: string): void {
    const child = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: String(req.headers['git-protocol'] ?? ''),
        HTTP_CONTENT_ENCODING: String(req.headers['content-encoding'] ?? ''),
        PATH_INFO: pathname.replace(/\/(info\/refs|git-upload-pack)$/, '/.git/$1'),
        QUERY_STRING: query,
        REQUEST_METHOD: req.method,
        CONTENT_TYPE: String(req.headers['content-type'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
      },
    });
    child.stdin.on('error', () => undefined);
    req.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', () => {
      const all = Buffer.concat(chunks);
      const end = all.indexOf('\r\n\r\n');
      const head = all.subarray(0, end).toString('latin1').split('\r\n');
      for (const line of head) {
        const [name = '', value = ''] = line.split(/:\s*/, 2);
        if (name.toLowerCase() === 'status') res.statusCode = Number.parseInt(value, 10);
        else if (name) res.setHeader(name, value);
      }
      res.end(all.subarray(end + 4));
    });
  }
}
