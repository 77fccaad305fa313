import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { Settings } from '../function/settings.ts';

/** For tests: an installation. */
export const SETTINGS: Settings = {
  namespace: 'lull-system',
  domain: 'lull.localhost',
  activatorControl: 'lull-activator-control.lull-system:8081',
  activatorHost: 'lull-activator.lull-system.svc.cluster.local',
  activatorHttp: 'lull-activator.lull-system.svc.cluster.local.:80',
  trustedProxies: '',
  bridgeImage: 'lull/runtime:1',
  imagePullPolicy: 'IfNotPresent',
  announceKey: 'k'.repeat(64),
  scraperNamespaces: [],
  code: {
    store: 'lull-store.lull-system.svc.cluster.local.:8090',
    fetcherImage: 'lull/fetcher:1',
    env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
    resources: { limits: { memory: '512Mi' } },
    deadlineSeconds: 900,
    insecureRegistries: 'registry:5000',
  },
};

export const RUNTIME: LullRuntime = {
  apiVersion: 'lull.dev/v1alpha1',
  kind: 'Runtime',
  metadata: { name: 'python3.11' },
  spec: { image: 'lull/python:1', command: ['launch.py'], build: { image: 'lull/python-build:1', command: ['build.sh'] } },
};

/** A Function of a Python handler with this in its spec. */
export function greet(
  spec: Partial<FunctionSpec>,
  metadata: Partial<LullFunction['metadata']> = {},
  status?: LullFunction['status'],
): LullFunction {
  return {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'greet', namespace: 'shop', uid: 'u-1', generation: 1, ...metadata },
    spec: { runtime: 'python3.11', handler: 'app.handler', code: { inline: { 'app.py': '' } }, ...spec },
    ...(status && { status }),
  };
}

export const ARCHIVE = { url: 'https://example.com/code.zip', sha256: 'a'.repeat(64) } as const;
