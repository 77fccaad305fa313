import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type Server } from 'ssh2';
import { exec } from '../../test/cluster/exec.ts';
import { listen } from './listen.ts';

/** An SSH server that takes one key and runs nothing but `git upload-pack` for the repositories of a folder. */
export class SshServer {
  readonly #server: Server;
  /** ssh://git@HOST:PORT */
  readonly url: string;
  /** A line of known_hosts. */
  readonly knownHosts: string;
  readonly privateKey: string;

  private constructor(server: Server, url: string, knownHosts: string, privateKey: string) {
    this.#server = server;
    this.url = url;
    this.knownHosts = knownHosts;
    this.privateKey = privateKey;
  }

  /**
   * @param folder where its keys are written
   * @param at the address on which it listens
   * @param repositories where they are
   */
  static async start(folder: string, at?: string, repositories = folder): Promise<SshServer> {
    const [host, client] = [await makeKey(folder, 'host'), await makeKey(folder, 'client')];
    const allowed = ssh2.utils.parseKey(client.public);
    if (allowed instanceof Error) throw allowed;
    const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => {
        if (context.method !== 'publickey' || !context.key.data.equals(allowed.getPublicSSH())) return context.reject(['publickey']);
        // First it is asked whether this key would do, then shown that it is had.
        if (context.signature && allowed.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) !== true)
          return context.reject();
        context.accept();
      });
      connection.on('session', (accept) => {
        const session = accept();
        session.on('env', (allow) => allow?.());
        session.on('exec', (allow, refuse, { command }) => {
          const repository = /^git-upload-pack '\/([a-z.]+)'$/.exec(command)?.[1];
          if (repository === undefined) return refuse();
          const channel = allow();
          const git = spawn('git', ['upload-pack', join(repositories, repository)]);
          channel.pipe(git.stdin).on('error', () => undefined);
          git.stdout.pipe(channel, { end: false });
          git.stderr.pipe(channel.stderr, { end: false });
          git.on('close', (code) => {
            channel.exit(code ?? 1);
            channel.end();
          });
        });
      });
    });
    const [name, port] = (await listen(server, at)).split(':');
    return new SshServer(server, `ssh://git@${name}:${port}`, `[${name}]:${port} ${host.public}`, client.private);
  }

  stop(): void {
    this.#server.close();
  }
}

async function makeKey(folder: string, name: string): Promise<{ private: string; public: string }> {
  const file = join(folder, `${name}-key`);
  await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return { private: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8') };
}
