import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { undiciTransport } from '../../common/kube/undici-transport.ts';
import { until } from '../support/wait.ts';

const TOKEN = 'integration-test';

function cacheFolder(): string {
  return process.env['LULL_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'lull');
}

/** The newest kube-apiserver that the native cluster's build left in the cache; undefined where it was never built. */
export function apiServerBinary(): string | undefined {
  const bin = path.join(cacheFolder(), 'bin');
  try {
    const folder = readdirSync(bin)
      .filter((name) => name.startsWith('kubernetes-'))
      .sort()
      .at(-1);
    return folder && path.join(bin, folder, 'kube-apiserver');
  } catch {
    return undefined;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) => new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A private etcd and kube-apiserver on loopback: a real API server that a test may stop, freeze and start again. */
export class ApiServer {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'lull-apiserver-'));
  readonly #binary: string;
  #etcd: ChildProcess | undefined;
  #server: ChildProcess | undefined;
  #ports: number[] = [];

  constructor(binary: string) {
    this.#binary = binary;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#ports[2]}`;
  }

  get port(): number {
    return this.#ports[2] ?? 0;
  }

  transport(url = this.url): KubeTransport {
    return undiciTransport({ server: url, insecure: true, authorization: () => `Bearer ${TOKEN}` });
  }

  async start(): Promise<void> {
    this.#ports = await freePorts(3);
    const [client, peer] = this.#ports;
    writeFileSync(path.join(this.#folder, 'tokens.csv'), `${TOKEN},admin,1,system:masters\n`);
    execFileSync('openssl', ['genrsa', '-out', path.join(this.#folder, 'sa.key'), '2048'], { stdio: 'ignore' });
    this.#etcd = spawn(
      'etcd',
      [
        '--data-dir',
        path.join(this.#folder, 'etcd'),
        '--unsafe-no-fsync',
        '--listen-client-urls',
        `http://127.0.0.1:${client}`,
        '--advertise-client-urls',
        `http://127.0.0.1:${client}`,
        '--listen-peer-urls',
        `http://127.0.0.1:${peer}`,
      ],
      { stdio: 'ignore' },
    );
    await this.resume();
  }

  /** Starts the API server on the data that there is. */
  async resume(): Promise<void> {
    const file = (name: string): string => path.join(this.#folder, name);
    this.#server = spawn(
      this.#binary,
      [
        `--etcd-servers=http://127.0.0.1:${this.#ports[0]}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${this.port}`,
        `--cert-dir=${this.#folder}`,
        `--token-auth-file=${file('tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--service-cluster-ip-range=10.0.0.0/24',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-key-file=${file('sa.key')}`,
        `--service-account-signing-key-file=${file('sa.key')}`,
        '--disable-admission-plugins=ServiceAccount',
        '--watch-cache=true',
      ],
      { stdio: 'ignore' },
    );
    const transport = this.transport();
    await until(
      'the API server',
      async () => (await transport.request('GET', '/readyz', { timeoutMillis: 1000 })).status === 200,
      60_000,
      100,
    );
    await transport.close();
  }

  /** Ends the API server; etcd, and so the data, stays. */
  async halt(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
  }

  /** Forgets old revisions, as etcd does by itself every five minutes: a watch from before is answered 410. */
  compact(): void {
    const endpoint = `http://127.0.0.1:${this.#ports[0]}`;
    const env = { ...process.env, ETCDCTL_API: '3' };
    const status = JSON.parse(
      execFileSync('etcdctl', ['--endpoints', endpoint, 'endpoint', 'status', '-w', 'json'], { env }).toString(),
    ) as { Status: { header: { revision: number } } }[];
    execFileSync('etcdctl', ['--endpoints', endpoint, 'compact', String(status[0]?.Status.header.revision)], { env, stdio: 'ignore' });
  }

  freeze(): void {
    this.#server?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#server?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.halt();
    this.#etcd?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
