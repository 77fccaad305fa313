import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type CallOptions, callAt } from '../../../test/support/http.ts';
import { until } from '../../../test/support/wait.ts';

export interface BridgeOptions {
  /** HOST:PORT of the activators' control and request ports. */
  control: string;
  http: string;
  name?: string;
  token?: string;
  concurrency?: number;
  env?: Record<string, string>;
}

/** The bridge as it is in a pod: a process, with a handler that is a process of its own, and its three ports. */
export class Bridge {
  readonly port: number;
  readonly directPort: number;
  readonly adminPort: number;
  readonly #process: ChildProcess;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  output = '';

  static async start(options: BridgeOptions): Promise<Bridge> {
    const bridge = new Bridge(options, await freePorts(3));
    await until(
      'the bridge is ready',
      async () => (await callAt('127.0.0.1', bridge.adminPort, { path: '/readyz' })).status === 200,
      10_000,
      20,
    );
    return bridge;
  }

  private constructor(options: BridgeOptions, ports: number[]) {
    [this.port, this.directPort, this.adminPort] = ports as [number, number, number];
    this.#process = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        LULL_NAMESPACE: 'ns',
        LULL_FUNCTION: 'f',
        LULL_REVISION: 'f-1',
        LULL_POD: options.name ?? 'pod-1',
        LULL_POD_IP: '127.0.0.1',
        LULL_ACTIVATOR: options.control,
        LULL_ACTIVATOR_HTTP: options.http,
        LULL_TOKEN: options.token ?? 'token',
        LULL_PORT: String(this.port),
        LULL_DIRECT_PORT: String(this.directPort),
        LULL_ADMIN_PORT: String(this.adminPort),
        LULL_RUNTIME_API_PORT: '0',
        LULL_CONCURRENCY: String(options.concurrency ?? 1),
        LULL_TIMEOUT_SECONDS: '10',
        LULL_HANDLER: 'handler.handler',
        LULL_COMMAND: JSON.stringify([process.execPath, join(import.meta.dirname, 'handler.mjs')]),
        LULL_TASK_ROOT: import.meta.dirname,
        ...options.env,
      },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    this.ended = new Promise((resolve) => this.#process.once('exit', (code) => resolve(code)));
  }

  /** As a caller of the function's Service. */
  call(options: CallOptions = {}) {
    return callAt('127.0.0.1', this.directPort, { ...options, headers: { host: 'f.ns.svc.cluster.local', ...options.headers } });
  }

  /** As an activator. */
  callByActivator(options: CallOptions = {}) {
    return callAt('127.0.0.1', this.port, options);
  }

  async metric(name: string): Promise<number> {
    const { body } = await callAt('127.0.0.1', this.adminPort, { path: '/metrics' });
    const line = body.split('\n').find((one) => one.startsWith(name));
    return Number(line?.slice(line.lastIndexOf(' ')));
  }

  drain(): void {
    this.#process.kill('SIGTERM');
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
