import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector } from '../support/collector.ts';
import { podsOf, pythonFunction, untilNoPods, untilReady, withNamespace } from '../support/functions.ts';
import { apply, getJson, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-direct';
const image = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';
const isNative = (process.env['KUBECONFIG'] ?? '').includes('/lull/run/');

/** Tells of each execution, takes 50 ms, and answers with the id that it was sent. */
const HANDLER = `
import os, socket, time
host, port = os.environ['COLLECTOR'].split(':')
collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def lambda_handler(event, context):
    collector.sendto(event['body'].encode(), (host, int(port)))
    time.sleep(0.05)
    return {'statusCode': 200, 'body': event['body']}
`;

const client = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client', namespace: ns },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'client',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
};

/** Ends well when a connection is made within half a second. */
const CONNECTS = `
const socket = require('node:net').connect(80, 'cart.${ns}', () => process.exit(0));
socket.on('error', () => process.exit(1));
setTimeout(() => process.exit(1), 500);
`;

interface Result {
  sent: number;
  failures: string[];
  slowest: number;
}

const script = readFileSync(path.resolve(import.meta.dirname, '../support/load-client.cjs'), 'utf8');
let loads = 0;

/** RATE requests a second from within the cluster; resolves when all are answered. */
function load(rate: number, seconds: number): { done: Promise<Result>; prefix: string } {
  loads += 1;
  const prefix = `l${loads}`;
  const args = ['exec', '-i', '-n', ns, 'client', '--', 'node', '-', `http://cart.${ns}/`, String(rate), String(seconds), prefix];
  const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(script);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const done = new Promise<Result>((resolve, reject) => {
    child.on('close', () => {
      try {
        resolve(JSON.parse(text) as Result);
      } catch {
        reject(new Error(`the client said: ${text}`));
      }
    });
  });
  return { done, prefix };
}

const direct = async (): Promise<boolean | undefined> =>
  (await getJson<{ status?: { directAccess?: boolean } }>(['fn', 'cart', '-n', ns])).status?.directAccess;
const untilDirect = (is: boolean): Promise<true> =>
  until(`direct: ${is}`, async () => ((await direct()) === is ? true : undefined), 60_000, 200);

/** Requests that the activators have answered for the function so far. */
async function byActivators(): Promise<number> {
  const selector = ['-n', 'lull-system', '-l', 'app.kubernetes.io/component=activator'];
  const { items } = await getJson<{ items: { metadata: { name: string } }[] }>(['pods', ...selector]);
  const texts = await Promise.all(
    items.map(({ metadata }) => must(['get', '--raw', `/api/v1/namespaces/lull-system/pods/${metadata.name}:9090/proxy/metrics`])),
  );
  const line = new RegExp(`^lull_activator_function_requests_total\\{namespace="${ns}",function="cart",[^}]*\\} (\\S+)`, 'gm');
  return texts.flatMap((text) => [...text.matchAll(line)]).reduce((sum, [, count]) => sum + Number(count), 0);
}

const collector = new Collector();

describe.runIf(isNative)('callers in the cluster reach pods directly, and come back', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(
      client,
      pythonFunction('cart', ns, HANDLER, {
        concurrency: 4,
        env: [{ name: 'COLLECTOR', value: await collector.listen() }],
        scale: { max: 4, idleSeconds: 10, scaleDownDelaySeconds: 0, stableWindowSeconds: 20, directAccess: 'auto' },
      }),
    );
    await untilReady('cart', ns);
    await must(['wait', '-n', ns, '--for=condition=Ready', 'pod/client', '--timeout=60s']);
    // kube-proxy hears of a new Service within its second (minSyncPeriod). A connection begun before has its SYNs lost until it gives up after 130 s, whatever
    // comes later: conntrack remembers that it was not translated. So it is with every new Service; the load is for what comes after.
    await until('an address that answers', async () =>
      (await kubectl(['exec', '-n', ns, 'client', '--', 'node', '-e', CONNECTS])).code === 0 ? true : undefined,
    );
  }, 90_000);
  afterAll(async () => {
    collector.close();
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
  });

  const check = (what: string, prefix: string, { sent, failures, slowest }: Result): void => {
    const ran = [...collector.executions].filter(([id]) => id.startsWith(`${prefix}-`));
    const twice = ran.filter(([, times]) => times > 1);
    console.log(`${what}: ${sent} requests, ${failures.length} failed, ${twice.length} executed twice, slowest ${slowest} ms`);
    expect(failures.slice(0, 5)).toEqual([]);
    expect(twice).toEqual([]);
    expect(ran.length).toBe(sent);
  };

  it('from zero to direct: the activators have next to nothing to do with it any more', { timeout: 150_000 }, async () => {
    expect(await direct()).toBe(false);
    const { done, prefix } = load(20, 60);
    await untilDirect(true);
    // kube-proxy's second, and the connections from before, which are asked to leave after three.
    await sleep(6000);
    const before = await byActivators();
    await sleep(10_000);
    const after = await byActivators();
    expect(await direct()).toBe(true);
    check('from zero to direct', prefix, await done);
    console.log(`the activators answered ${after - before} requests within 10 s of being direct`);
    // 0 on a quiet machine. A moment in which the machine stood still fills the pod's 4 slots, and what comes then is handed on: 1 of 200 was seen.
    expect(after - before).toBeLessThanOrEqual(10);
  });

  it('more than the pods carry: back to the activators, and more pods; then direct again', { timeout: 240_000 }, async () => {
    const little = load(20, 100);
    await untilDirect(true);
    await sleep(4000);
    const much = load(180, 25);
    await untilDirect(false);
    await until('more pods', async () => ((await podsOf('cart', ns)).length > 1 ? true : undefined), 30_000);
    check('overload', much.prefix, await much.done);
    await untilDirect(true);
    check('beside it', little.prefix, await little.done);
  });

  it('pods are deleted under direct callers', { timeout: 180_000 }, async () => {
    const { done, prefix } = load(40, 60);
    await untilDirect(true);
    for (let i = 0; i < 6; i += 1) {
      await sleep(3000);
      const [pod] = (await podsOf('cart', ns)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      if (pod) await must(['delete', 'pod', pod.metadata.name, '-n', ns, '--wait=false']);
    }
    check('pods deleted', prefix, await done);
  });

  it('to zero, and awake again by the same name', { timeout: 120_000 }, async () => {
    await untilNoPods('cart', ns);
    expect(await direct()).toBe(false);
    const { done, prefix } = load(5, 3);
    check('awake again', prefix, await done);
  });

  it('is turned off, and on again', { timeout: 120_000 }, async () => {
    const turn = (to: string): Promise<string> =>
      must(['patch', 'fn', 'cart', '-n', ns, '--type=merge', '-p', JSON.stringify({ spec: { scale: { directAccess: to } } })]);
    const slices = async (): Promise<number> => (await getJson<{ items: unknown[] }>(['endpointslices', '-n', ns])).items.length;
    await turn('never');
    await until('no slice', async () => (await slices()) === 0, 30_000);
    expect(await must(['get', 'service', 'cart', '-n', ns, '-o', 'jsonpath={.spec.type} {.spec.clusterIP}'])).toBe('ExternalName ');
    expect(await direct()).toBeUndefined();
    // A change of the Service's kind is no change of what stands behind it: addresses that were resolved before are forgotten first, and kube-proxy hears of new ones.
    await sleep(6000);
    const off = load(20, 3);
    check('turned off', off.prefix, await off.done);
    await turn('auto');
    await until('a slice', async () => (await slices()) === 1, 30_000);
    await sleep(6000);
    const on = load(20, 20);
    check('turned on', on.prefix, await on.done);
  });
});
