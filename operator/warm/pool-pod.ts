import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import { quantityValue } from '../../common/api/memory.ts';
import { API_VERSION, BRIDGE_PORT, FUNCTION_CONTAINER, POOL_LABEL, POOL_STATE_LABEL, POOL_TEMPLATE_LABEL } from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import { announceToken } from '../../common/api/token.ts';
import { type LullWarmPool, poolSubject, warmTemplateHash } from '../../common/api/warm-pool.ts';
import { canonical } from '../function/canonical.ts';
import { ingress } from '../function/ingress.ts';
import type { Container, ContainerEnv, KubeObject, PodSpec, PodTemplate } from '../function/objects.ts';
import { ownerOf } from '../function/owner.ts';
import { podTemplate, SANDBOX } from '../function/pod.ts';
import type { Settings } from '../function/settings.ts';

/** A free pod ends at once, and a claimed one by its function's own time, which is at most this (spec.terminationGracePeriodSeconds) and ten seconds. */
const GRACE_SECONDS = 3610;

/** What the pool's pods are made from. */
export interface PoolTemplate {
  hash: string;
  /** As of a function of the Runtime that says nothing: what a function's pod is compared with. */
  likeFunction: PodTemplate;
  labels: Record<string, string>;
  spec: PodSpec & { restartPolicy: 'Never' };
}

/** WarmPool → pods; pure. A generic pod is the pod of a function of that Runtime, but for its environment: so it can be any of them. */
export function poolTemplate(pool: LullWarmPool, runtime: LullRuntime, settings: Settings): PoolTemplate {
  const { name, namespace = 'default' } = pool.metadata;
  const spec = {
    runtime: runtime.metadata.name,
    handler: '',
    code: { inline: {} },
    ...(pool.spec.resources && { resources: pool.spec.resources }),
  };
  const anyFunction: LullFunction = {
    apiVersion: API_VERSION,
    kind: 'Function',
    metadata: { name: '-', namespace },
    spec: spec as FunctionSpec,
  };
  const likeFunction = withRoomForCode(podTemplate(anyFunction, runtime, settings, '-', { bundles: [] }));
  const [like] = likeFunction.spec.containers as [Container];
  const fromPod = new Set(['LULL_POD', 'LULL_POD_IP', 'LULL_ACTIVATOR', 'LULL_PORT', 'LULL_ADMIN_PORT', 'LULL_COMMAND']);
  const env: ContainerEnv[] = [
    { name: 'LULL_MODE', value: 'generic' },
    { name: 'LULL_NAMESPACE', value: namespace },
    { name: 'LULL_POOL', value: name },
    { name: 'LULL_TOKEN', value: announceToken(settings.announceKey, poolSubject(namespace, name)) },
    ...like.env.filter((variable) => fromPod.has(variable.name)),
    ...(runtime.spec.preload?.length ? [{ name: 'LULL_PRELOAD', value: JSON.stringify(runtime.spec.preload) }] : []),
  ];
  const made = (hash: string): PoolTemplate['spec'] => ({
    ...likeFunction.spec,
    // It is a function's once, and ends then.
    restartPolicy: 'Never',
    hostAliases: SANDBOX,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    // One that ends is deleted, and its log with it: its last lines go to the pool's condition.
    containers: [
      { ...like, env: [...env, { name: 'LULL_TEMPLATE', value: hash }], terminationMessagePolicy: 'FallbackToLogsOnError' as const },
    ],
  });
  const hash = warmTemplateHash(canonical(made('')));
  return {
    hash,
    likeFunction,
    labels: { [POOL_LABEL]: name, [POOL_TEMPLATE_LABEL]: hash, [POOL_STATE_LABEL]: 'free', 'app.kubernetes.io/managed-by': 'lull' },
    spec: made(hash),
  };
}

/** Code and layers may be 250 MB (operator/function/resources.ts adds them to a function's own limit); a limit for files reserves nothing. */
function withRoomForCode(template: PodTemplate): PodTemplate {
  const containers = template.spec.containers.map((container) => {
    const { limits, requests } = container.resources;
    const files = quantityValue(limits?.['ephemeral-storage']) ?? 0;
    return {
      ...container,
      resources: { ...(requests && { requests }), limits: { ...limits, 'ephemeral-storage': `${Math.ceil(files / 2 ** 20) + 250}Mi` } },
    };
  });
  return { ...template, spec: { ...template.spec, containers } };
}

export function poolPod(pool: LullWarmPool, { labels, spec }: PoolTemplate, name: string): KubeObject & { spec: PodSpec } {
  const { namespace = 'default' } = pool.metadata;
  const annotations = { 'kubectl.kubernetes.io/default-container': FUNCTION_CONTAINER };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations, ownerReferences: [ownerOf('WarmPool', pool.metadata)] },
    spec,
  };
}

/** As a function's, which holds besides once the pod is one. */
export function poolPolicy(pool: LullWarmPool, settings: Settings): KubeObject & { spec: object } {
  const { name, namespace = 'default' } = pool.metadata;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: `warm-pool-${name}`,
      namespace,
      labels: { [POOL_LABEL]: name, 'app.kubernetes.io/managed-by': 'lull' },
      ownerReferences: [ownerOf('WarmPool', pool.metadata)],
    },
    spec: {
      podSelector: { matchLabels: { [POOL_LABEL]: name } },
      policyTypes: ['Ingress'],
      ingress: ingress(settings, BRIDGE_PORT),
    },
  };
}
