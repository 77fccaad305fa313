import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectiveSpec } from '../../common/api/defaults.ts';
import type { Scale } from '../../common/api/function-scale.ts';
import { PrometheusObserver, type Target } from '../../operator/autoscaler/observe.ts';
import { PrometheusClient } from '../../operator/autoscaler/prometheus-client.ts';
import { until } from '../support/wait.ts';

/** Demand as two activators would expose it: the integral grows with the wall clock. */
class FakeActivator {
  demand = 0;
  queue = 0;
  #integral = 0;
  #since = performance.now();
  readonly server: Server = createServer((_req, res) => {
    this.#settle();
    res.end(
      `# TYPE lull_activator_function_demand_seconds_total counter\nlull_activator_function_demand_seconds_total{namespace="ns",function="f"} ${this.#integral}\n` +
        `# TYPE lull_activator_function_demand gauge\nlull_activator_function_demand{namespace="ns",function="f"} ${this.demand}\n` +
        `# TYPE queue_length gauge\nqueue_length{namespace="ns",owner="f"} ${this.queue}\n`,
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
  let client: PrometheusClient;
  let observer: PrometheusObserver;
  const target = (name: string, scale: Scale): [string, Target] => [
    `ns/${name}`,
    { namespace: 'ns', name, spec: effectiveSpec({ code: {}, scale: { stableWindowSeconds: 10, ...scale } }) },
  ];
  const targets = new Map([target('f', {}), target('unknown', {})]);
  const look = async (at: ReadonlyMap<string, Target>, name: string) => {
    const { functions, missing } = await observer.observe(at);
    if (missing !== undefined) throw new Error(missing);
    return functions.get(`ns/${name}`);
  };
  const observe = async () => {
    const seen = await look(targets, 'f');
    return seen && 'observation' in seen ? seen.observation : undefined;
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
    client = new PrometheusClient({ url: `http://127.0.0.1:${port}` });
    observer = new PrometheusObserver(client);
  }, 30_000);
  afterAll(async () => {
    await client.close();
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
        const of = await observe();
        return of && of.demand.now === 7 && Math.abs(of.demand.panic - 7) < 0.5 ? of : undefined;
      },
      30_000,
      250,
    );
    expect(seen.ageMillis).toBeLessThan(3000);
    expect(seen.complete).toBe(true);
    expect(await look(targets, 'unknown')).toEqual({ missing: expect.stringMatching(/no sample/) });
  });

  it('sees a burst in the panic window before the stable one', { timeout: 60_000 }, async () => {
    activators[0]?.set(100);
    const seen = await until(
      'the burst',
      async () => {
        const of = await observe();
        return of && of.demand.now === 104 && of.demand.panic > 30 ? of : undefined;
      },
      20_000,
      250,
    );
    expect(seen.demand.panic).toBeGreaterThan(seen.demand.stable);
  });

  it('finds the scrape interval out, and refuses windows that it cannot resolve', { timeout: 60_000 }, async () => {
    const fresh = new PrometheusObserver(client);
    await until('an interval of 1 s', async () => ((await fresh.observe(targets)).scrapeSeconds === 1 ? true : undefined), 20_000, 300);
  });

  it('knows when a whole window was seen', { timeout: 60_000 }, async () => {
    await until('10 s covered', async () => ((await observe())?.covered ? true : undefined), 30_000, 500);
    const long = await look(new Map([target('f', { stableWindowSeconds: 3600 })]), 'f');
    expect(long && 'observation' in long && long.observation.covered).toBe(false);
  });

  it('reads a query of the function’s own, and says what is wrong with one', { timeout: 60_000 }, async () => {
    if (activators[0]) activators[0].queue = 23;
    const query = (text: string): Scale => ({ metrics: [{ type: 'prometheus', target: 10, query: text }] });
    const read = async (text: string) => {
      const seen = await look(new Map([target('f', query(text))]), 'f');
      return seen && 'observation' in seen ? seen.observation.metrics[0] : undefined;
    };
    const good = 'sum(queue_length{namespace="{{namespace}}",owner="{{name}}"})';
    await until('23', async () => (((await read(good)) as { now?: number }).now === 23 ? true : undefined), 20_000, 300);
    expect(await read('sum(queue_length')).toEqual({ error: expect.stringMatching(/parse error/) });
    expect(await read('queue_length')).toEqual({ error: expect.stringMatching(/2 samples.*sum/) });
    expect(await read('nothing_like_it')).toEqual({ error: expect.stringMatching(/no sample/) });
    expect(await read('queue_length[1m]')).toEqual({ error: expect.stringMatching(/matrix|range vector/) });
    expect(await read('vector(0) / 0')).toEqual({ error: expect.stringMatching(/no number/) });
    expect(await read('vector(-1)')).toEqual({ error: expect.stringMatching(/less than nothing/) });
    expect(await read('scalar(max(queue_length))')).toEqual({ stable: 23, panic: 23, now: 23 });
  });

  it('says that it is incomplete when an activator is down, and forgets nothing', { timeout: 60_000 }, async () => {
    activators[1]?.server.close().closeAllConnections();
    const seen = await until(
      'incomplete',
      async () => {
        const of = await observe();
        return of && !of.complete ? of : undefined;
      },
      20_000,
      250,
    );
    expect(seen.demand.now).toBeGreaterThanOrEqual(100);
  });

  it('is missing, with the reason, when Prometheus is away or answers nonsense', async () => {
    const nonsense = createServer((_req, res) => res.end('<html>'));
    const port = await listen(nonsense);
    for (const url of [`http://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
      const other = new PrometheusClient({ url, timeoutMillis: 1000 });
      const { missing, functions } = await new PrometheusObserver(other).observe(targets);
      expect(missing?.length).toBeGreaterThan(5);
      expect(functions.size).toBe(0);
      await other.close();
    }
    nonsense.close().closeAllConnections();
  });
});
