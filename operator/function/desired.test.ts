import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import { storeToken } from '../../common/api/store.ts';
import type { Bundle } from '../code/bundle.ts';
import { SETTINGS } from '../code/testing.ts';
import { desired } from './desired.ts';

const settings = { ...SETTINGS, scraperNamespaces: ['monitoring'], trustedProxies: '10.9.0.0/16' };

function web(spec: Partial<FunctionSpec> = {}, uid = 'u-1'): LullFunction {
  return {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'web', namespace: 'shop', uid },
    spec: { protocol: 'http', code: { image: 'you/web:1' }, ...spec } as FunctionSpec,
  } as LullFunction;
}

const made = (spec?: Partial<FunctionSpec>) => desired(web(spec), undefined, settings);

describe('desired', () => {
  it('leaves replicas to /scale', () => {
    expect(made().deployment.spec).not.toHaveProperty('replicas');
  });

  it('is one revision for one spec, whatever the order of its maps', () => {
    const a = made({ resources: { limits: { cpu: '1', memory: '1Gi' } } });
    const b = made({ resources: { limits: { memory: '1Gi', cpu: '1' } } });
    expect(a).toEqual(b);
    expect(a.revision).toMatch(/^web-[0-9a-f]{8}$/);
  });

  it.each<[string, Partial<FunctionSpec>]>([
    ['the image', { code: { image: 'you/web:2' } }],
    ['the port', { port: 3000 }],
    ['the environment', { env: [{ name: 'A', value: 'b' }] }],
    ['the limits', { resources: { limits: { memory: '1Gi' } } }],
  ])('is another revision when %s changes', (_name, spec) => {
    expect(made(spec).revision).not.toBe(made().revision);
  });

  it('is the same revision when only scaling changes: no pod is replaced for it', () => {
    expect(made({ scale: { max: 3, idleSeconds: 5 } }).revision).toBe(made().revision);
  });

  it('owns everything, so that deleting the Function leaves nothing behind', () => {
    const { deployment, service, networkPolicy } = made();
    for (const { metadata } of [deployment, service, networkPolicy]) {
      expect(metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'Function', name: 'web', uid: 'u-1', controller: true })]);
      expect(metadata.namespace).toBe('shop');
    }
  });

  it('runs under restricted Pod Security, without a token, without volumes', () => {
    const { spec } = made().deployment.spec.template;
    expect(spec).toMatchObject({ automountServiceAccountToken: false });
    expect(spec).not.toHaveProperty('volumes');
    const { containers } = spec as unknown as { containers: { securityContext: unknown }[] };
    for (const container of containers) {
      expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    }
  });

  it('lets in only the activators, and the scrapers of its own figures', () => {
    expect(made({ port: 3000 }).networkPolicy).toMatchObject({
      spec: { policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 3000 }] }, { from: [{}, IN_MONITORING], ports: [{ port: 19_090 }] }] },
    });
  });
});

const IN_MONITORING = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } };

const runtime = {
  apiVersion: 'lull.dev/v1alpha1',
  kind: 'Runtime',
  metadata: { name: 'python3.11' },
  spec: { image: 'lull/python:1', command: ['launch.py'] },
} as unknown as LullRuntime;

describe('what a handler may have besides', () => {
  const handler = (spec: Partial<FunctionSpec> = {}) =>
    desired(
      web({ protocol: 'lambda', runtime: 'python3.11', handler: 'a.b', code: { inline: { 'a.py': '' } }, ...spec }),
      runtime,
      settings,
    );
  const env = (spec: Partial<FunctionSpec>) => handler(spec).deployment.spec.template.spec.containers[0]?.env;

  it('tells the bridge what AWS calls it, and keeps from the bridge what is the handler’s', () => {
    const named = web({ protocol: 'lambda', runtime: 'python3.11', handler: 'a.b', code: { inline: { 'a.py': '' } } });
    named.metadata.annotations = { 'lull.dev/lambda-name': 'Web' };
    expect(desired(named, runtime, settings).deployment.spec.template.spec.containers[0]?.env).toContainEqual({
      name: 'LULL_LAMBDA_NAME',
      value: 'Web',
    });
    const variables = env({ env: [{ name: 'PATH', value: '/mine' }] });
    expect(variables).toContainEqual({ name: 'LULL_ENV_PATH', value: '/mine' });
    expect(variables?.map(({ name }) => name)).not.toContain('LULL_LAMBDA_NAME');
    expect(variables?.map(({ name }) => name)).not.toContain('PATH');
  });

  it('tells the bridge to log in JSON, and leaves revisions alone that never asked for anything', () => {
    expect(env({ logFormat: 'JSON' })).toContainEqual({ name: 'LULL_LOG_FORMAT', value: 'JSON' });
    expect(handler({ logFormat: 'JSON' }).revision).not.toBe(handler().revision);
    // As the API server fills it in.
    expect(handler({ logFormat: 'Text', httpEvent: 'apigateway-v2' }).revision).toBe(handler().revision);
  });

  it('tells the bridge of the kind of events, and of other origins', () => {
    expect(env({ httpEvent: 'alb' })).toContainEqual({ name: 'LULL_HTTP_EVENT', value: 'alb' });
    expect(env({ cors: { allowOrigins: ['*'] } })).toContainEqual({ name: 'LULL_CORS', value: '{"allowOrigins":["*"]}' });
  });
});

describe('code and layers that are fetched', () => {
  const LAMBDA = { protocol: 'lambda', runtime: 'python3.11', handler: 'a.b', code: { inline: { 'a.py': '' } } } as const;
  const CODE = { digest: 'c'.repeat(64), target: '/var/task', unpackedBytes: 50_000_000 } as const;
  const LAYER = { digest: 'd'.repeat(64), target: '/opt', unpackedBytes: 1_000_000 } as const;
  const container = (bundles: Bundle[], spec: Partial<FunctionSpec> = {}) =>
    desired(web({ ...LAMBDA, ...spec }), runtime, settings, { bundles }).deployment.spec.template.spec.containers[0];
  const value = (bundles: Bundle[], name: string): string | undefined => container(bundles)?.env.find((one) => one.name === name)?.value;

  it('have the names by which AWS’s extensions listen: they may have some in them', () => {
    const aliases = (bundles: Bundle[]) => desired(web(LAMBDA), runtime, settings, { bundles }).deployment.spec.template.spec.hostAliases;
    expect(aliases([CODE])).toEqual([{ ip: '127.0.0.1', hostnames: ['sandbox.localdomain', 'sandbox'] }]);
    expect(aliases([])).toBeUndefined();
  });

  // Another name here means that an upgrade replaces every pod of every function: to be changed only where that is meant.
  it('leave the revisions alone of those that have none', () => {
    expect(made().revision).toBe('web-ba395deb');
    expect(desired(web(LAMBDA), runtime, settings).revision).toBe('web-b8ec2416');
    const more: Partial<FunctionSpec> = {
      ...LAMBDA,
      resources: { limits: { memory: '1Gi' } },
      env: [{ name: 'A', value: 'b' }],
      scale: { directAccess: 'auto' },
    };
    expect(desired(web(more), runtime, settings).revision).toBe('web-b20c7870');
  });

  it('are told to the bridge in order, with a token for each', () => {
    const list = JSON.parse(value([CODE, LAYER], 'LULL_BUNDLES') ?? '') as object[];
    expect(list).toEqual([
      { digest: CODE.digest, target: '/var/task', token: storeToken(settings.announceKey, `read/${CODE.digest}`) },
      { digest: LAYER.digest, target: '/opt', token: storeToken(settings.announceKey, `read/${LAYER.digest}`) },
    ]);
    expect(value([CODE], 'LULL_STORE')).toBe(settings.code.store);
  });

  it('replace what an activator hands over; a layer alone does not', () => {
    expect(value([CODE], 'LULL_CODE_DIGEST')).toBeUndefined();
    expect(value([LAYER], 'LULL_CODE_DIGEST')).toMatch(/^[0-9a-f]{64}$/);
    expect(value([], 'LULL_BUNDLES')).toBeUndefined();
  });

  it('make another revision when they change', () => {
    const revision = (bundles: Bundle[]) => desired(web(LAMBDA), runtime, settings, { bundles }).revision;
    expect(revision([CODE])).not.toBe(revision([{ ...CODE, digest: 'e'.repeat(64) }]));
    expect(revision([CODE])).not.toBe(revision([CODE, LAYER]));
  });

  it.each<[string | undefined, string]>([
    [undefined, '561Mi'],
    ['1Gi', '1073Mi'],
    ['100M', '145Mi'],
  ])('come on top of a limit for files of %s', (limit, grown) => {
    const spec = limit === undefined ? {} : { resources: { limits: { 'ephemeral-storage': limit } } };
    expect(container([CODE, LAYER], spec)?.resources.limits?.['ephemeral-storage']).toBe(grown);
    expect(container([], spec)?.resources.limits?.['ephemeral-storage']).toBe(limit ?? '512Mi');
  });
});

describe('with callers that may reach pods directly', () => {
  const handler = (directAccess?: 'auto' | 'never') =>
    desired(
      web({
        protocol: 'lambda',
        runtime: 'python3.11',
        handler: 'a.b',
        code: { inline: { 'a.py': '' } },
        ...(directAccess && { scale: { directAccess } }),
      }),
      runtime,
      settings,
    );

  it('has a Service with an address of its own and no selector', () => {
    expect(handler('auto').service).toMatchObject({ spec: { type: 'ClusterIP', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } });
    expect(handler('auto').service).not.toHaveProperty('spec.selector');
    expect(handler('auto').service).not.toHaveProperty('spec.externalName');
    expect(handler().service).toMatchObject({ spec: { type: 'ExternalName', externalName: settings.activatorHost } });
  });

  it('has a port for them in its pods, open to all pods, and what its bridge needs to hand requests on', () => {
    const { deployment, networkPolicy } = handler('auto');
    const [container] = deployment.spec.template.spec.containers;
    expect(container?.ports).toContainEqual({ name: 'lull-direct', containerPort: 8087 });
    expect(container?.env).toEqual(
      expect.arrayContaining([
        { name: 'LULL_DIRECT_PORT', value: '8087' },
        { name: 'LULL_ACTIVATOR_HTTP', value: settings.activatorHttp },
        { name: 'LULL_TRUSTED_PROXIES', value: settings.trustedProxies },
      ]),
    );
    expect(networkPolicy).toMatchObject({
      spec: { ingress: [{}, {}, { from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: 8087 }] }] },
    });
  });

  it('is another revision; never is as if nothing was said', () => {
    expect(handler('auto').revision).not.toBe(handler().revision);
    expect(handler('never')).toEqual(handler());
    expect(handler().networkPolicy).not.toHaveProperty('spec.ingress.2');
  });
});
