import { createHash } from 'node:crypto';
import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import {
  BRIDGE_DIRECT_PORT,
  BRIDGE_PORT,
  CONCURRENCY_ANNOTATION,
  FUNCTION_LABEL,
  REVISION_LABEL,
  TIMEOUT_ANNOTATION,
} from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import type { RevisionCode } from '../code/bundle.ts';
import { canonical } from './canonical.ts';
import { ingress } from './ingress.ts';
import type { Deployment, KubeObject, PodTemplate } from './objects.ts';
import { owner } from './owner.ts';
import { podTemplate } from './pod.ts';
import type { Settings } from './settings.ts';
import { withStartupBoost } from './startup-boost.ts';

/** All that one Function is to be in the cluster, apart from numbers of pods. */
export interface Desired {
  /** Name of the revision, which is its Deployment's. */
  revision: string;
  deployment: Deployment;
  service: KubeObject;
  networkPolicy: KubeObject;
}

/**
 * Function → objects; pure. `code` is what its pods unpack at their start, and what a registry says of its image.
 *
 * A revision is an immutable Deployment named after what it runs: NAME-HASH, the hash being over its pod template. `replicas` is not here: that field
 * belongs to whoever writes `/scale`. Everything is owned by the Function, so deleting it leaves nothing behind.
 */
export function desired(
  fn: LullFunction,
  runtime: LullRuntime | undefined,
  settings: Settings,
  code: RevisionCode = { bundles: [] },
): Desired {
  const revision = `${fn.metadata.name}-${revisionHash(fn, runtime, settings, code)}`;
  const { concurrency, timeoutSeconds } = effectiveSpec(fn.spec);
  const labels = { [FUNCTION_LABEL]: fn.metadata.name, 'app.kubernetes.io/managed-by': 'lull' };
  const metadata = { namespace: fn.metadata.namespace ?? 'default', labels, ownerReferences: [owner(fn)] };
  return {
    revision,
    deployment: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        ...metadata,
        name: revision,
        labels: { ...labels, [REVISION_LABEL]: revision },
        annotations: { [CONCURRENCY_ANNOTATION]: String(concurrency), [TIMEOUT_ANNOTATION]: String(timeoutSeconds) },
      },
      spec: {
        revisionHistoryLimit: 0,
        selector: { matchLabels: { [FUNCTION_LABEL]: fn.metadata.name, [REVISION_LABEL]: revision } },
        template: templateOf(fn, runtime, settings, revision, code),
      },
    },
    service: service(fn, settings, metadata),
    networkPolicy: networkPolicy(fn, settings, metadata),
  };
}

/**
 * In-cluster callers say http://NAME.NAMESPACE: an alias of the activators, which route by that name. Where callers may reach pods directly it has an address of its
 * own, and no selector: the operator says what stands behind it (operator/direct/).
 */
function service(fn: LullFunction, settings: Settings, metadata: object): KubeObject {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
  const spec = effectiveSpec(fn.spec).directAccess
    ? { type: 'ClusterIP', ports }
    : { type: 'ExternalName', externalName: settings.activatorHost, ports };
  return { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: fn.metadata.name }, spec } as KubeObject;
}

/** The port for direct callers keeps the limits itself, and is open to every pod. */
function networkPolicy(fn: LullFunction, settings: Settings, metadata: object): KubeObject {
  const { protocol, port, directAccess } = effectiveSpec(fn.spec);
  const spec = {
    podSelector: { matchLabels: { [FUNCTION_LABEL]: fn.metadata.name } },
    policyTypes: ['Ingress'],
    ingress: [
      ...ingress(settings, protocol === 'lambda' ? BRIDGE_PORT : port),
      ...(directAccess ? [{ from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: BRIDGE_DIRECT_PORT }] }] : []),
    ],
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...metadata, name: fn.metadata.name },
    spec,
  } as KubeObject;
}

function templateOf(...args: Parameters<typeof podTemplate>): PodTemplate {
  const [fn, runtime] = args;
  return withStartupBoost(podTemplate(...args), fn.spec.startupBoost ?? runtime?.spec.startupBoost);
}

/** Eight hex digits of SHA-256 over the pod template as it is without the revision's own name, and over the key, whose change makes new tokens. */
function revisionHash(fn: LullFunction, runtime: LullRuntime | undefined, settings: Settings, code: RevisionCode): string {
  const template = templateOf(fn, runtime, settings, '', code);
  return createHash('sha256').update(canonical(template)).digest('hex').slice(0, 8);
}
