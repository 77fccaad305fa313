import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lullFunction, untilNoPods, untilReady, withNamespace } from '../support/functions.ts';
import { call } from '../support/http.ts';
import { apply, kubectl, must } from '../support/kubectl.ts';
import { until } from '../support/wait.ts';

const ns = 'e2e-while-waking';
const image = process.env['LULL_TEST_SERVER_IMAGE'] ?? 'docker.io/lull/testserver:dev';

/** A pod and its Service that are none of Lull's. */
const standby = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'standby', namespace: ns, labels: { app: 'standby' } },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'server',
          image,
          imagePullPolicy: 'IfNotPresent',
          env: [
            { name: 'PORT', value: '8080' },
            { name: 'GREETING', value: 'standby' },
          ],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'standby', namespace: ns },
    spec: { selector: { app: 'standby' }, ports: [{ port: 8090, targetPort: 8080 }] },
  },
];

const web = (name: string, whileWaking: object): object =>
  lullFunction(name, ns, {
    protocol: 'http',
    code: { image },
    env: [{ name: 'GREETING', value: 'function' }],
    scale: { idleSeconds: 3 },
    whileWaking,
  });

const greeting = async (name: string): Promise<string> => (JSON.parse((await call(name, ns)).body) as { env: string }).env;

describe('what callers get while a function wakes', () => {
  beforeAll(async () => {
    await withNamespace(ns);
    await apply(
      ...standby,
      web('relieved', { fallback: { service: 'standby', port: 8090 } }),
      web('paged', { placeholder: { body: '<h1>Just a moment</h1>' } }),
    );
    await must(['wait', '--for=condition=Ready', 'pod/standby', '-n', ns, '--timeout=60s']);
    await Promise.all([untilReady('relieved', ns), untilReady('paged', ns)]);
  });
  afterAll(() => kubectl(['delete', 'namespace', ns, '--wait=false']));

  it('another Service answers at once, until a pod does', { timeout: 90_000 }, async () => {
    // A Service that no node knows yet refuses, and then the caller waits for the function: from zero again, until it is known.
    const answeredBy = async (): Promise<string> => {
      await untilNoPods('relieved', ns);
      return greeting('relieved');
    };
    await until('the standby', async () => (await answeredBy()) === 'standby', 60_000);
    await until('the function itself', async () => (await greeting('relieved')) === 'function', 30_000);
    expect(await greeting('relieved')).toBe('function');
  });

  it('a page at once; a POST waits for the function', async () => {
    await untilNoPods('paged', ns);
    const [page, post] = await Promise.all([call('paged', ns), call('paged', ns, { method: 'POST', body: 'x' })]);
    expect([page.status, page.body]).toEqual([503, '<h1>Just a moment</h1>']);
    expect(page.firstByteMillis).toBeLessThan(post.firstByteMillis);
    expect(post.status).toBe(200);
    expect(await greeting('paged')).toBe('function');
  });
});
