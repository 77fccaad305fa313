import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import { desired } from './desired.ts';
import type { Settings } from './settings.ts';

const settings: Settings = {
  namespace: 'lull-system',
  domain: 'lull.localhost',
  activatorControl: 'lull-activator-control.lull-system:8081',
  activatorHost: 'lull-activator.lull-system.svc.cluster.local',
  bridgeImage: 'lull/runtime:1',
  imagePullPolicy: 'IfNotPresent',
  announceKey: 'k'.repeat(64),
};

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
      spec: { policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 3000 }] }, { ports: [{ protocol: 'TCP' }] }] },
    });
  });
});
