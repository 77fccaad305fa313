import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusObserver } from '../../operator/autoscaler/observe.ts';
import { until } from '../support/wait.ts';

/** Demand as two activators would expose it: the integral grows with the wall clock. */
class FakeActivator {
  demand = 0;
  #integral = 0;
  #since = performance.now();
  readonly server: Server = createServer((_req, res) => {
    this.#settle();
    res.end(
      `# TYPE lull_activator_function_demand_seconds_total counter\nlull_activator_function_demand_seconds_total{namespace="ns",function="f"} ${this.#integral}\n` +
        `# TYPE lull_activator_function_demand gauge\nlull_activator_function_demand{namespace="ns",function="f"} ${this.demand}\n`,
    );
  });

  set(demand: number): void {
    this.#settle();
    this.demand = demand;
  }

  #settle(): void {
    const now = performance.now();
    this.#integral += (this.demand * (now - this.#since)) / 1000;
    this.#since = now;
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the observation, by a real Prometheus', () => {
  const activators = [new FakeActivator(), new FakeActivator()];
  const folder = mkdtempSync(path.join(tmpdir(), 'lull-prometheus-'));
  let prometheus: ChildProcess;
  let observer: PrometheusObserver;
  const windows = new Map([
    ['ns/f', { stable: 10, panic: 6 }],
    ['ns/unknown', { stable: 60, panic: 6 }],
  ]);
  const observe = async () => {
    const observed = await observer.observe(windows);
    if ('missing' in observed) throw new Error(observed.missing);
    return observed.functions;
  };

  beforeAll(async () => {
    const ports = await Promise.all(activators.map(({ server }) => listen(server)));
    const targets = ports.map((port) => `'127.0.0.1:${port}'`).join(', ');
    writeFileSync(
      path.join(folder, 'prometheus.yml'),
      `global: {scrape_interval: 1s}\nscrape_configs:\n  - {job_name: lull-activator, static_configs: [{targets: [${targets}]}]}\n`,
    );
    const port = await freePort();
    prometheus = spawn(
      'prometheus',
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--query.lookback-delta=10s',
      ],
      { stdio: 'ignore' },
    );
    observer = new PrometheusObserver({ url: `http://127.0.0.1:${port}` });
  }, 30_000);
  afterAll(async () => {
    await observer.close();
    prometheus.kill('SIGKILL');
    for (const { server } of activators) server.close().closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sums the demand of all activators and knows the age of the sample', { timeout: 60_000 }, async () => {
    activators[0]?.set(3);
    activators[1]?.set(4);
    const seen = await until(
      'demand 7',
      async () => {
        const of = (await observe()).get('ns/f');
        return of && of.now === 7 && Math.abs(of.panic - 7) < 0.5 ? of : undefined;
      },
      30_000,
      250,
    );
    expect(seen.ageMillis).toBeLessThan(3000);
    expect(seen.complete).toBe(true);
    expect((await observe()).has('ns/unknown')).toBe(false);
  });

  it('sees a burst in the panic window before the stable one', { timeout: 60_000 }, async () => {
    activators[0]?.set(100);
    const seen = await until(
      'the burst',
      async () => {
        const of = (await observe()).get('ns/f');
        return of && of.now === 104 && of.panic > 30 ? of : undefined;
      },
      20_000,
      250,
    );
    expect(seen.panic).toBeGreaterThan(seen.stable);
  });

  it('says that it is incomplete when an activator is down, and forgets nothing', { timeout: 60_000 }, async () => {
    activators[1]?.server.close().closeAllConnections();
    const seen = await until(
      'incomplete',
      async () => {
        const of = (await observe()).get('ns/f');
        return of && !of.complete ? of : undefined;
      },
      20_000,
      250,
    );
    expect(seen.now).toBeGreaterThanOrEqual(100);
  });

  it('is missing, with the reason, when Prometheus is away or answers nonsense', async () => {
    const nonsense = createServer((_req, res) => res.end('<html>'));
    const port = await listen(nonsense);
    for (const url of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
      const other = new PrometheusObserver({ url, timeoutMillis: 1000 });
      const observed = await other.observe(windows);
      expect('missing' in observed && observed.missing.length > 5).toBe(true);
      await other.close();
    }
    nonsense.close().closeAllConnections();
  });
});
