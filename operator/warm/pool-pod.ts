import { BRIDGE_PORT, FUNCTION_CONTAINER, POOL_LABEL, POOL_STATE_LABEL, POOL_TEMPLATE_LABEL } from '../../common/api/names.ts';
import type { LullRuntime } from '../../common/api/runtime.ts';
import { announceToken } from '../../common/api/token.ts';
import { type LullWarmPool, poolSubject, warmTemplateHash } from '../../common/api/warm-pool.ts';
import { canonical } from '../function/canonical.ts';
import { ingressRules } from '../function/ingress.ts';
import type { ContainerEnv, KubeObject, PodTemplate } from '../function/objects.ts';
import { announceEnv, handlerContainer, POD_SECURITY, SANDBOX } from '../function/pod-parts.ts';
import { containerResources } from '../function/resources.ts';
import type { Settings } from '../function/settings.ts';
import { poolOwner } from './owner.ts';

/** A function may have a grace of an hour, and a pod's cannot be changed: a free bridge ends at once at SIGTERM, a claimed one within the grace of its function. */
const GRACE_SECONDS = 3610;
/** What a function's code and layers may take unpacked, as AWS Lambda has it: on top of the limit for files, so that a free pod has room for any function's. */
const CODE_BYTES = 262_144_000;

/** What the pods of a pool are made from. */
export interface PoolPods {
  /** Hash of `template`, by which a Function's status names the free pods that can be it. */
  hash: string;
  template: PodTemplate;
  networkPolicy: KubeObject;
}

/** WarmPool and Runtime → what its pods are, and who may reach them; pure. The hash changes with the announce key, too, since a token is in it. */
export function poolPods(pool: LullWarmPool, runtime: LullRuntime, settings: Settings): PoolPods {
  const { name, namespace = 'default' } = pool.metadata;
  const bare = template(pool, runtime, settings, '');
  const hash = warmTemplateHash(canonical(bare.spec));
  return {
    hash,
    template: template(pool, runtime, settings, hash),
    networkPolicy: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: `warm-${name}`,
        namespace,
        labels: { [POOL_LABEL]: name, 'app.kubernetes.io/managed-by': 'lull' },
        ownerReferences: [poolOwner(pool)],
      },
      // A claimed pod keeps the label, and is reached by the same ones.
      spec: {
        podSelector: { matchLabels: { [POOL_LABEL]: name } },
        policyTypes: ['Ingress'],
        ingress: ingressRules(settings, BRIDGE_PORT),
      },
    } as KubeObject,
  };
}

function template(pool: LullWarmPool, { spec: runtime }: LullRuntime, settings: Settings, hash: string): PodTemplate {
  const { name, namespace = 'default' } = pool.metadata;
  const subject: ContainerEnv[] = [
    { name: 'LULL_POOL', value: name },
    { name: 'LULL_TEMPLATE', value: hash },
  ];
  const token = announceToken(settings.announceKey, poolSubject(namespace, name));
  const env: ContainerEnv[] = [
    { name: 'LULL_MODE', value: 'generic' },
    ...announceEnv(namespace, subject, token, BRIDGE_PORT, settings),
    { name: 'LULL_COMMAND', value: JSON.stringify(runtime.command) },
    ...(runtime.preload && runtime.preload.length > 0 ? [{ name: 'LULL_PRELOAD', value: JSON.stringify(runtime.preload) }] : []),
  ];
  const resources = containerResources(pool.spec.resources, runtime.resources, CODE_BYTES);
  return {
    metadata: {
      labels: {
        [POOL_LABEL]: name,
        [POOL_TEMPLATE_LABEL]: hash,
        [POOL_STATE_LABEL]: 'free',
        'app.kubernetes.io/name': name,
        'app.kubernetes.io/managed-by': 'lull',
      },
      annotations: { 'kubectl.kubernetes.io/default-container': FUNCTION_CONTAINER },
    },
    spec: {
      ...POD_SECURITY,
      hostAliases: SANDBOX,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: GRACE_SECONDS,
      containers: [handlerContainer(runtime.image, env, resources, true, settings)],
    },
  };
}

/** One pod of it. `suffix` makes its name; a Runtime's name may have dots, and a host's should not. */
export function poolPod(pool: LullWarmPool, { template }: PoolPods, suffix: string): KubeObject {
  const { name, namespace = 'default' } = pool.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: `${name.replaceAll('.', '-')}-warm-${suffix}`, namespace, ownerReferences: [poolOwner(pool)] },
    spec: template.spec,
  } as KubeObject;
}
