import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from './wait.ts';

/** A real Prometheus on loopback. */
export class Prometheus {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** Starts one with a configuration, and the files beside it, by name; waits until it is ready. */
  static async start(files: Readonly<Record<'prometheus.yml', string> & Record<string, string>>): Promise<Prometheus> {
    const folder = mkdtempSync(path.join(tmpdir(), 'lull-prometheus-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
      '--query.lookback-delta=10s',
    ];
    const started = new Prometheus(`http://${address}`, spawn('prometheus', args, { stdio: 'ignore' }), folder);
    await until('Prometheus to be ready', async () => (await fetch(`${started.url}/-/ready`)).ok);
    return started;
  }

  /** Labels of the series that an expression gives now. */
  async query(expression: string): Promise<Record<string, string>[]> {
    const answer = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
    const { data } = (await answer.json()) as { data: { result: { metric: Record<string, string> }[] } };
    return data.result.map(({ metric }) => metric);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
