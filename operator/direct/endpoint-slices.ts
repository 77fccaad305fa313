import type { LullFunction } from '../../common/api/function.ts';
import { ACTIVATOR_PORT, DIRECT_PORT_NAME, FUNCTION_LABEL, POOL_LABEL, REVISION_LABEL } from '../../common/api/names.ts';
import type { Endpoint, EndpointSlice, Pod } from '../function/objects.ts';
import { owner } from '../function/owner.ts';
import { isReady } from '../function/pod-state.ts';

/** By this label kube-proxy finds the endpoints of a Service. */
export const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** A label's value has no slash in it. */
const MANAGER = 'operator.lull.dev';
/** Name of the one port of a function's Service, which its slices' port is joined to by name. */
const PORT_NAME = 'http';
/** What the API server takes in one slice. One that holds all is what makes a change of all of them one write. */
const MAX_ENDPOINTS = 1000;

/** The function's pods that callers may be led to: Ready, not ending, of the active revision, and with a port for them (docs/adr/0009). Those that came from a warm pool go as soon as these are there. */
export function directPods(fn: LullFunction, pods: readonly Pod[]): Pod[] {
  return pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      pod.metadata.labels?.[POOL_LABEL] === undefined &&
      pod.metadata.labels?.[REVISION_LABEL] === fn.status?.activeRevision &&
      isReady(pod) &&
      directPort(pod) !== undefined,
  );
}

/**
 * The slices of a function's Service, one for each family of addresses in use; pure. They hold the activators' own endpoints, as the cluster sees these, or the given
 * pods. All of a family in one object: kube-proxy sees the one set or the other, and never none.
 *
 * @param activators the slices of a Service of the activators, whatever its port
 * @param pods undefined for the activators
 */
export function endpointSlices(fn: LullFunction, activators: readonly EndpointSlice[], pods: readonly Pod[] | undefined): EndpointSlice[] {
  const families = [...new Set(activators.map(({ addressType }) => addressType))].sort();
  return families.map((addressType) => {
    const own = pods && ofPods(addressType, pods);
    const { endpoints, port } = own ?? ofActivators(activators.filter((slice) => slice.addressType === addressType));
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${fn.metadata.name}-lull-${addressType.toLowerCase()}`,
        namespace: fn.metadata.namespace ?? 'default',
        labels: {
          [SERVICE_LABEL]: fn.metadata.name,
          [MANAGED_BY_LABEL]: MANAGER,
          [FUNCTION_LABEL]: fn.metadata.name,
          'app.kubernetes.io/managed-by': 'lull',
        },
        ownerReferences: [owner(fn)],
      },
      addressType,
      endpoints: endpoints.sort((a, b) => ((a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1)).slice(0, MAX_ENDPOINTS),
      ports: [{ name: PORT_NAME, port, protocol: 'TCP' }],
    };
  });
}

interface Target {
  endpoints: Endpoint[];
  port: number;
}

/** With all their conditions, so that kube-proxy does for a caller of the function what it does for one of the activators: those that end serve when no others do. */
function ofActivators(slices: readonly EndpointSlice[]): Target {
  const endpoints = slices.flatMap((slice) =>
    (slice.endpoints ?? []).map(({ addresses, conditions, nodeName, zone }) => ({
      addresses: [...addresses],
      ...(conditions && { conditions: { ...conditions } }),
      ...(nodeName !== undefined && { nodeName }),
      ...(zone !== undefined && { zone }),
    })),
  );
  return { endpoints, port: ACTIVATOR_PORT };
}

/** Undefined when no pod has an address of this family. */
function ofPods(addressType: EndpointSlice['addressType'], pods: readonly Pod[]): Target | undefined {
  const endpoints = pods.flatMap((pod): Endpoint[] => {
    const { status, spec, metadata } = pod;
    const addresses = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP === undefined ? [] : [status.podIP]);
    const address = addresses.find((one) => (one.includes(':') ? 'IPv6' : 'IPv4') === addressType);
    if (address === undefined) return [];
    const { name, namespace = 'default', uid } = metadata;
    return [
      {
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        ...(spec?.nodeName !== undefined && { nodeName: spec.nodeName }),
        targetRef: { kind: 'Pod', namespace, name, ...(uid !== undefined && { uid }) },
      },
    ];
  });
  const port = directPort(pods[0]);
  return endpoints.length === 0 || port === undefined ? undefined : { endpoints, port };
}

function directPort(pod: { spec?: Pod['spec'] | undefined } | undefined): number | undefined {
  return pod?.spec?.containers?.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === DIRECT_PORT_NAME)?.containerPort;
}
