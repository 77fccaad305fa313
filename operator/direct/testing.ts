import type { LullFunction } from '../../common/api/function.ts';
import type { EndpointSlice, Pod } from '../function/objects.ts';

/** Objects for the tests of this folder. */
export function directFunction(over: Partial<LullFunction> = {}): LullFunction {
  return {
    apiVersion: 'lull.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'cart', namespace: 'shop', uid: 'u-1' },
    spec: { runtime: 'python3.11', handler: 'a.b', code: { inline: { 'a.py': '' } }, concurrency: 4, scale: { directAccess: 'auto' } },
    status: { activeRevision: 'cart-1' },
    ...over,
  };
}

export function directPod(
  name: string,
  ip: string,
  over: { ready?: boolean; ending?: boolean; revision?: string; port?: boolean } = {},
): Pod {
  const { ready = true, ending = false, revision = 'cart-1', port = true } = over;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      labels: { 'lull.dev/function': 'cart', 'lull.dev/revision': revision },
      ...(ending && { deletionTimestamp: '2026-11-24T00:00:00Z' }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [
        {
          name: 'function',
          ports: [{ name: 'http', containerPort: 8080 }, ...(port ? [{ name: 'lull-direct', containerPort: 8087 }] : [])],
        },
      ],
    },
    status: { podIP: ip, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function activatorSlice(addressType: 'IPv4' | 'IPv6', ...addresses: string[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `lull-activator-control-${addressType}-${addresses[0]}`, namespace: 'lull-system' },
    addressType,
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', namespace: 'lull-system', name: 'lull-activator-1' },
    })),
    ports: [{ name: 'control', port: 8081, protocol: 'TCP' }],
  };
}
