import { Agent } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector } from '../support/collector.ts';
import { lullFunction, podsOf, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, command, getJson, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-load-faults';
const image = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';
const RATE = Number(process.env['LULL_FAULT_RATE'] ?? 500);
const isNative = (process.env['KUBECONFIG'] ?? '').includes('/lull/run/');
const apiServer = (what: 'stop' | 'start') =>
  command(process.execPath, [path.resolve(import.meta.dirname, '../cluster/main.ts'), 'apiserver', what]);

const collector = new Collector();
let sequence = 0;

/** RATE requests a second, each with an id of its own, on kept-alive connections, for as long as `work` takes. */
async function underLoad(work: () => Promise<void>): Promise<{ sent: number; failures: string[]; twice: string[]; slowest: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 200, maxFreeSockets: 200 });
  const failures: string[] = [];
  const ids: string[] = [];
  const open = new Set<Promise<void>>();
  let done = false;
  let slowest = 0;
  const begun = performance.now();
  const one = async (id: string): Promise<void> => {
    try {
      const { status, headers, millis } = await call('steady', ns, { agent, headers: { 'x-id': id } });
      slowest = Math.max(slowest, millis);
      if (status !== 200) failures.push(`${id}: ${status} ${String(headers['x-lull-error'])}`);
    } catch (error) {
      failures.push(`${id}: ${(error as Error).message}`);
    }
  };
  const sending = (async () => {
    while (!done) {
      const due = ((performance.now() - begun) / 1000) * RATE;
      while (ids.length < due) {
        sequence += 1;
        const id = `r${sequence}`;
        ids.push(id);
        const promise = one(id).finally(() => open.delete(promise));
        open.add(promise);
      }
      await sleep(5);
    }
  })();
  await work();
  done = true;
  await sending;
  await Promise.all(open);
  agent.destroy();
  await sleep(200);
  const twice = ids.filter((id) => (collector.executions.get(id) ?? 0) > 1);
  return { sent: ids.length, failures, twice, slowest };
}

async function zeroFailed(what: string, work: () => Promise<void>): Promise<void> {
  const { sent, failures, twice, slowest } = await underLoad(work);
  console.log(
    `${what}: ${sent} requests at ${RATE}/s, ${failures.length} failed, ${twice.length} executed twice, slowest ${slowest.toFixed(0)} ms`,
  );
  expect(failures.slice(0, 5)).toEqual([]);
  expect(twice).toEqual([]);
}

describe.runIf(isNative)('under load, nothing is lost and nothing runs twice', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    const address = await collector.listen();
    await apply(
      lullFunction('steady', ns, {
        protocol: 'http',
        code: { image },
        concurrency: 20,
        env: [{ name: 'COLLECTOR', value: address }],
        resources: { requests: { cpu: '10m' }, limits: { memory: '200Mi' } },
        scale: { min: 3, max: 4 },
      }),
    );
    await untilReady('steady', ns);
    await until('it answers', async () => (await call('steady', ns)).status === 200);
    await until('three pods', async () => (await podsOf('steady', ns)).length >= 3);
    await call('steady', ns, { headers: { 'x-id': 'probe' } });
    await until('the collector hears of it', async () => collector.executions.get('probe') === 1);
  }, 60_000);
  afterAll(async () => {
    collector.close();
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
  });

  it('a pod is deleted each second, for a minute', { timeout: 150_000 }, () =>
    zeroFailed('a pod deleted each second', async () => {
      for (let i = 0; i < 60; i += 1) {
        const begun = performance.now();
        const [pod] = (await podsOf('steady', ns)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        if (pod) await kubectl(['delete', 'pod', pod.metadata.name, '-n', ns, '--wait=false']);
        await sleep(Math.max(0, 1000 - (performance.now() - begun)));
      }
    }),
  );

  it('an activator is deleted each 10 s', { timeout: 120_000 }, () =>
    zeroFailed('an activator deleted each 10 s', async () => {
      for (let i = 0; i < 4; i += 1) {
        const selector = ['-n', 'lull-system', '-l', 'app.kubernetes.io/component=activator'];
        const { items } = await getJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(['pods', ...selector]);
        const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined);
        if (pod) await must(['delete', 'pod', pod.metadata.name, '-n', 'lull-system', '--wait=false']);
        await sleep(10_000);
      }
    }),
  );

  it('the API server restarts', { timeout: 90_000 }, () =>
    zeroFailed('API server restarted', async () => {
      await apiServer('stop');
      await sleep(3000);
      await apiServer('start');
      await sleep(8000);
    }),
  );

  it('the function is rolled out anew', { timeout: 120_000 }, () =>
    zeroFailed('rolled out anew', async () => {
      const patch = JSON.stringify({ spec: { timeoutSeconds: 31 } });
      await must(['patch', 'fn', 'steady', '-n', ns, '--type=merge', '-p', patch]);
      await untilReady('steady', ns, 60_000);
      await sleep(5000);
    }),
  );
});
