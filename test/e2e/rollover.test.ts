import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LullFunctionView, podsOf, pythonFunction, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, getJson, kubectl } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-rollover';
const source = (answer: string) => `
import time
def lambda_handler(event, context):
    time.sleep(0.05)
    return {'statusCode': 200, 'body': '${answer}'}
`;

describe('changing a function', () => {
  beforeAll(() => withNamespace(ns));
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it('rolls over under load without a failed request', { timeout: 120_000 }, async () => {
    await apply(pythonFunction('roll', ns, source('one'), { scale: { idleSeconds: 30 } }));
    await untilReady('roll', ns);
    const seen = new Map<string, number>();
    let stop = false;
    const client = async (): Promise<void> => {
      while (!stop) {
        const { status, body } = await call('roll', ns);
        const key = `${status} ${status === 200 ? body : body}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    };
    const clients = [client(), client(), client()];
    await until('answers of the first revision', async () => (seen.get('200 one') ?? 0) > 10);
    for (const answer of ['two', 'three']) {
      await apply(pythonFunction('roll', ns, source(answer), { scale: { idleSeconds: 30 } }));
      await until(`answers of ${answer}`, async () => (seen.get(`200 ${answer}`) ?? 0) > 10, 60_000);
    }
    await until(
      'only the newest revision has pods',
      async () => {
        const fn = await getJson<LullFunctionView>(['fn', 'roll', '-n', ns]);
        const pods = await podsOf('roll', ns);
        return pods.every(({ metadata }) => metadata.name.startsWith(fn.status?.latestRevision ?? '?'));
      },
      60_000,
    );
    stop = true;
    await Promise.all(clients);
    expect([...seen.keys()].sort()).toEqual(['200 one', '200 three', '200 two']);
  });

  it('a new revision that cannot run leaves the old one serving, and says so', { timeout: 90_000 }, async () => {
    expect((await call('roll', ns)).body).toBe('three');
    const env = [{ name: 'X', valueFrom: { secretKeyRef: { name: 'missing', key: 'x' } } }];
    await apply(pythonFunction('roll', ns, source('four'), { env, scale: { idleSeconds: 600 } }));
    const fn = await until(
      'the trouble in the status',
      async () => {
        const now = await getJson<LullFunctionView>(['fn', 'roll', '-n', ns]);
        const ready = now.status?.conditions?.find(({ type }) => type === 'Ready');
        // The kubelet's first words are about its cache; then it names the Secret.
        return ready?.status === 'False' && ready.message.includes('missing') ? now : undefined;
      },
      60_000,
    );
    const ready = fn.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.message).toMatch(/goes on serving.*missing/);
    expect((await call('roll', ns)).body).toBe('three');
  });
});
