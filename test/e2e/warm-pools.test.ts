import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFunction, pythonFunction, untilNoPods, untilReady, withNamespace } from '../support/functions.ts';
import { type Answer, call, serverTiming } from '../support/http.ts';
import { kubeFromEnvironment } from '../support/kube.ts';
import { apply, getJson, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';
import { isReady, poolPods, toZero, untilEligible, untilFree, warmPool } from '../support/warm-pools.ts';

const ns = 'e2e-warm';
const SIZE = 2;
const kube = kubeFromEnvironment();

/** Says in which pod it runs, what its environment is and what lies in the folders that are a function's. */
const LOOK = `
import json, os, sys
def lambda_handler(event, context):
    files = sorted(os.path.join(d, f) for top in ('/var/task', '/tmp') for d, _, fs in os.walk(top) for f in fs)
    with open('/tmp/trace-of-' + context.function_name, 'w') as f:
        f.write('x')
    return {'statusCode': 200, 'body': json.dumps({'pod': os.environ['AWS_LAMBDA_LOG_STREAM_NAME'], 'env': dict(os.environ), 'files': files,
        'path': sys.path, 'cwd': os.getcwd(), 'argv': sys.argv, 'boto3': 'boto3' in sys.modules, 'name': context.function_name})}
`;

interface Look {
  pod: string;
  env: Record<string, string>;
  files: string[];
  path: string[];
  cwd: string;
  argv: string[];
  boto3: boolean;
  name: string;
}

const look = (answer: Answer): Look => {
  expect(`${answer.status} ${answer.status === 200 ? '' : answer.body}`).toBe('200 ');
  return JSON.parse(answer.body) as Look;
};
const isClaimed = (answer: Answer): boolean => serverTiming(answer).has('claim');
const revisionOf = async (name: string): Promise<string> => (await untilReady(name, ns)).status?.activeRevision ?? '';
const scale = { idleSeconds: 600 };

describe('warm pools', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(
      warmPool('python', ns, { runtime: 'python3.11', size: SIZE }),
      warmPool('node', ns, { runtime: 'nodejs24.x', size: 1 }),
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret', namespace: ns }, stringData: { word: 'from-a-secret' } },
      pythonFunction('one', ns, LOOK, { env: [{ name: 'GREETING', value: 'one' }], scale }),
      pythonFunction('two', ns, LOOK, { env: [{ name: 'GREETING', value: 'two' }], scale }),
      pythonFunction('secret', ns, LOOK, { env: [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'word' } } }], scale }),
      pythonFunction('big', ns, LOOK, { resources: { limits: { memory: '512Mi' } }, scale }),
      pythonFunction('never', ns, LOOK, { scale: { ...scale, warmPool: 'never' } }),
      nodeFunction('node', ns, 'export const handler = async () => ({ statusCode: 200, body: process.env.AWS_LAMBDA_FUNCTION_NAME });\n', {
        scale,
      }),
    );
    for (const name of ['one', 'two', 'secret', 'node']) await untilEligible(name, ns);
    await untilFree(kube, ns, 'python', SIZE);
    await untilFree(kube, ns, 'node', 1);
  }, 180_000);
  afterAll(async () => {
    await kubectl(['delete', 'namespace', ns, '--wait=false']);
    await kube.close();
  });

  it('the first request at zero is answered by a free pod, and then the pod is the function’s', { timeout: 120_000 }, async () => {
    const free = (await poolPods(kube, ns, 'python', 'free')).map(({ metadata }) => metadata.name);
    const answer = await call('one', ns);
    const seen = look(answer);
    console.log(`first answer after ${answer.firstByteMillis.toFixed(0)} ms: ${String(answer.headers['server-timing'])}`);
    expect(isClaimed(answer)).toBe(true);
    expect(free).toContain(seen.pod);
    expect(seen.boto3).toBe(true);
    expect(seen.env['GREETING']).toBe('one');
    const pod = await until('the API is told', async () => {
      const all = await poolPods(kube, ns, 'python', 'claimed');
      return all.find(({ metadata }) => metadata.name === seen.pod);
    });
    expect(pod.metadata.labels).toMatchObject({ 'lull.dev/function': 'one', 'app.kubernetes.io/name': 'one' });
    expect(pod.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'Function', name: 'one', controller: true })]);
    // Its own pod takes over, and the claimed one goes; the pool is filled again.
    await until(
      'the claimed pod has gone',
      async () => !(await poolPods(kube, ns, 'python')).some(({ metadata }) => metadata.name === seen.pod),
      60_000,
      200,
    );
    const later = look(await call('one', ns));
    expect(later.pod).not.toBe(seen.pod);
    expect(later.pod).toContain(await revisionOf('one'));
    await untilFree(kube, ns, 'python', SIZE);
  });

  it('a handler sees there what it sees in a pod of its own, and nothing of any other function', { timeout: 120_000 }, async () => {
    await toZero(kube, ns, 'one', await revisionOf('one'));
    await untilFree(kube, ns, 'python', SIZE);
    const [one, two] = await Promise.all([call('one', ns), call('two', ns)]);
    expect([isClaimed(one), isClaimed(two)]).toEqual([true, true]);
    const [ofOne, ofTwo] = [look(one), look(two)];
    expect(ofOne.pod).not.toBe(ofTwo.pod);
    for (const [seen, name] of [
      [ofOne, 'one'],
      [ofTwo, 'two'],
    ] as const) {
      expect(seen.name).toBe(name);
      expect(seen.env['GREETING']).toBe(name);
      expect(seen.files.filter((file) => !file.endsWith('.pyc'))).toEqual(['/var/task/lambda_function.py']);
      const own = await until(`${name} runs in a pod of its own`, async () => {
        const again = look(await call(name, ns));
        return again.pod !== seen.pod && again;
      });
      const plain = ({ env, path, cwd, argv }: Look): object => {
        const { AWS_LAMBDA_LOG_STREAM_NAME: _pod, HOSTNAME: _host, _X_AMZN_TRACE_ID: _trace, ...rest } = env;
        return { env: rest, path, cwd, argv };
      };
      expect(plain(seen)).toEqual(plain(own));
    }
  });

  it('an environment that comes from a Secret is known after the first ordinary wake', { timeout: 180_000 }, async () => {
    await untilFree(kube, ns, 'python', SIZE);
    const first = await call('secret', ns);
    expect(look(first).env['WORD']).toBe('from-a-secret');
    expect(isClaimed(first)).toBe(false);
    await toZero(kube, ns, 'secret', await revisionOf('secret'));
    await untilFree(kube, ns, 'python', SIZE);
    const second = await call('secret', ns);
    expect(isClaimed(second)).toBe(true);
    expect(look(second).env['WORD']).toBe('from-a-secret');
  });

  it('the status says which functions may use it, and why not', async () => {
    const warm = async (name: string) =>
      (await getJson<{ status: { warm?: { eligible: boolean; reason: string; pool?: string } } }>(['fn', name, '-n', ns])).status.warm;
    expect(await warm('one')).toMatchObject({ eligible: true, pool: 'python' });
    expect(await warm('big')).toMatchObject({ eligible: false, reason: expect.stringContaining('memory') });
    expect(await warm('never')).toMatchObject({ eligible: false, reason: expect.stringContaining('warmPool') });
    console.log(await must(['get', 'warmpools', '-n', ns]));
    console.log(['one', 'secret', 'big', 'never'].map((name) => name).join(' '));
    for (const name of ['one', 'secret', 'big', 'never']) console.log(`  ${name}: ${(await warm(name))?.reason}`);
  });

  it('Node handlers too; a function that is not eligible wakes as ever', { timeout: 120_000 }, async () => {
    await untilFree(kube, ns, 'node', 1);
    const node = await call('node', ns);
    expect(`${node.status} ${node.body} ${isClaimed(node)}`).toBe('200 node true');
    const big = await call('big', ns);
    look(big);
    expect(isClaimed(big)).toBe(false);
  });

  it('modules of the function’s own win over those that were loaded ahead', { timeout: 120_000 }, async () => {
    const inline = {
      'lambda_function.py': "import boto3\ndef lambda_handler(event, context):\n    return {'statusCode': 200, 'body': boto3.__file__}\n",
      'boto3.py': '',
    };
    await apply(pythonFunction('own-boto3', ns, '', { code: { inline }, scale }));
    await untilEligible('own-boto3', ns);
    await untilFree(kube, ns, 'python', SIZE);
    const answer = await call('own-boto3', ns);
    expect(`${answer.body} ${isClaimed(answer)}`).toBe('/var/task/boto3.py true');
  });

  it('a burst takes several pods at once, and an empty pool is an ordinary wake', { timeout: 180_000 }, async () => {
    await untilFree(kube, ns, 'python', SIZE);
    await apply(
      pythonFunction('burst', ns, LOOK.replace('    files', '    import time; time.sleep(0.5)\n    files'), {
        scale: { idleSeconds: 600, max: 4 },
      }),
    );
    await untilEligible('burst', ns);
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('burst', ns)));
    const pods = new Map<string, number>();
    for (const answer of answers) pods.set(look(answer).pod, (pods.get(look(answer).pod) ?? 0) + 1);
    const generic = [...pods.keys()].filter((name) => !name.includes('burst'));
    console.log(`8 at once at zero: ${[...pods].map(([name, count]) => `${name} ${count}`).join(', ')}`);
    expect(generic.length).toBe(SIZE);
  });

  it('no orphan is left, and the pool is back at its size', { timeout: 180_000 }, async () => {
    await must(['delete', 'fn', '--all', '-n', ns]);
    for (const name of ['one', 'two', 'secret', 'burst', 'node', 'big', 'own-boto3']) await untilNoPods(name, ns);
    await until('the pools are as they were', async () => {
      const pods = await poolPods(kube, ns);
      return pods.length === SIZE + 1 && pods.every(isReady);
    });
    await must(['delete', 'warmpools', '--all', '-n', ns]);
    await until('a pool takes its pods with it', async () => (await poolPods(kube, ns)).length === 0, 60_000, 200);
  });
});
