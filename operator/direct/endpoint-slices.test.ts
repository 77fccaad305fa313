import { describe, expect, it } from 'vitest';
import { directPods, endpointSlices } from './endpoint-slices.ts';
import { activatorSlice, directFunction, directPod } from './testing.ts';

const fn = directFunction();
const addresses = (slices: ReturnType<typeof endpointSlices>) =>
  slices.map(({ metadata, endpoints, ports }) => [metadata.name, endpoints?.map((one) => one.addresses[0]), ports?.[0]?.port]);

describe('the slices of a function’s Service', () => {
  it('hold the activators as the cluster sees them, all of a family in one', () => {
    const ending = activatorSlice('IPv4', '10.0.0.3');
    ending.endpoints = [{ addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } }];
    const [slice, ...more] = endpointSlices(fn, [ending, activatorSlice('IPv4', '10.0.0.2', '10.0.0.1')], undefined);
    expect(more).toEqual([]);
    expect(slice).toEqual({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'cart-lull-ipv4',
        namespace: 'shop',
        labels: {
          'kubernetes.io/service-name': 'cart',
          'endpointslice.kubernetes.io/managed-by': 'operator.lull.dev',
          'lull.dev/function': 'cart',
          'app.kubernetes.io/managed-by': 'lull',
        },
        ownerReferences: [expect.objectContaining({ kind: 'Function', name: 'cart', uid: 'u-1', controller: true })],
      },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.1'], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'node-1' },
        { addresses: ['10.0.0.2'], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'node-1' },
        { addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } },
      ],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
  });

  it('hold the pods, under the same name, at the port for them', () => {
    const slices = endpointSlices(fn, [activatorSlice('IPv4', '10.0.0.1')], [directPod('b', '10.1.0.2'), directPod('a', '10.1.0.1')]);
    expect(addresses(slices)).toEqual([['cart-lull-ipv4', ['10.1.0.1', '10.1.0.2'], 8087]]);
    expect(slices[0]?.endpoints?.[0]).toEqual({
      addresses: ['10.1.0.1'],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', namespace: 'shop', name: 'a', uid: 'uid-a' },
    });
  });

  it('are one for each family, and where pods have no address of one it goes on leading to the activators', () => {
    const activators = [activatorSlice('IPv6', 'fd00::1'), activatorSlice('IPv4', '10.0.0.1')];
    const dual = directPod('a', '10.1.0.1');
    expect(addresses(endpointSlices(fn, activators, [dual]))).toEqual([
      ['cart-lull-ipv4', ['10.1.0.1'], 8087],
      ['cart-lull-ipv6', ['fd00::1'], 8080],
    ]);
    Object.assign(dual.status ?? {}, { podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00::9' }] });
    expect(addresses(endpointSlices(fn, activators, [dual]))).toEqual([
      ['cart-lull-ipv4', ['10.1.0.1'], 8087],
      ['cart-lull-ipv6', ['fd00::9'], 8087],
    ]);
  });

  it('lead to the activators when there is no pod to lead to', () => {
    expect(addresses(endpointSlices(fn, [activatorSlice('IPv4', '10.0.0.1')], []))).toEqual([['cart-lull-ipv4', ['10.0.0.1'], 8080]]);
  });

  it('are none while the activators are not known, and hold no more than the API server takes', () => {
    expect(endpointSlices(fn, [], undefined)).toEqual([]);
    const many = Array.from({ length: 1200 }, (_, i) => `10.0.${Math.floor(i / 250)}.${i % 250}`);
    expect(endpointSlices(fn, [activatorSlice('IPv4', ...many)], undefined)[0]?.endpoints?.length).toBe(1000);
  });
});

describe('pods that callers may be led to', () => {
  it.each<[string, Parameters<typeof directPod>[2], boolean]>([
    ['one that is Ready', {}, true],
    ['not one that is not Ready', { ready: false }, false],
    ['not one that ends', { ending: true }, false],
    ['not one of another revision', { revision: 'cart-0' }, false],
    ['not one without a port for them', { port: false }, false],
  ])('%s', (_name, over, expected) => {
    expect(directPods(fn, [directPod('a', '10.1.0.1', over)]).length).toBe(expected ? 1 : 0);
  });
});
