import { afterAll, beforeAll, expect, it } from 'vitest';
import { pythonFunction, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, getJson, kubectl } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-boost';

interface Pods {
  items: {
    metadata: { name: string };
    spec: { containers: { name: string; resources: { requests: { cpu: string } } }[] };
    status: { containerStatuses?: { restartCount: number; resources?: { requests?: { cpu: string } } }[] };
  }[];
}

beforeAll(() => withNamespace(ns));
afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

it('a pod starts with the CPU of spec.startupBoost, and gives it back in place once it is Ready', { timeout: 90_000 }, async () => {
  await apply(
    pythonFunction('boosted', ns, "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n", {
      startupBoost: { cpu: '300m' },
      scale: { idleSeconds: 600 },
    }),
  );
  await untilReady('boosted', ns);
  const answer = call('boosted', ns);
  const pods = () => getJson<Pods>(['pods', '-n', ns, '-l', 'lull.dev/function=boosted']);
  const first = await until('a pod', async () => (await pods()).items[0]);
  expect(first.spec.containers[0]?.resources.requests.cpu).toBe('300m');
  expect((await answer).status).toBe(200);
  // The kubelet says it of the container itself when it has done it.
  const after = await until('the CPU is given back', async () => {
    const pod = (await pods()).items[0];
    const own = pod?.status.containerStatuses?.[0]?.resources?.requests?.cpu;
    return pod?.spec.containers[0]?.resources.requests.cpu === '20m' && own === '20m' && pod;
  });
  expect(after.metadata.name).toBe(first.metadata.name);
  expect(after.status.containerStatuses?.[0]?.restartCount).toBe(0);
  expect((await call('boosted', ns)).status).toBe(200);
});
