import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { quantityBytes } from '../../common/api/memory.ts';
import type { ResourceList, Resources } from '../../common/api/meta.ts';
import { FUNCTION_CONTAINER } from '../../common/api/names.ts';
import { canonical } from '../function/canonical.ts';
import type { Container, PodTemplate } from '../function/objects.ts';

/** Why a pod of no pool can be the function's, whatever the pools, and what would have to be different; undefined when nothing speaks against it. Pure. */
export function unfit(fn: LullFunction): string | undefined {
  const { protocol, min } = effectiveSpec(fn.spec);
  if (protocol === 'http')
    return "spec.protocol http: a server is an image of its own, and a warm pod has a Runtime's; make it a handler to use one";
  if (fn.spec.code.image !== undefined)
    return 'spec.code.image: the function brings its own image; give it a Runtime and code to use a warm pod';
  if (fn.spec.scale?.warmPool === 'never') return 'spec.scale.warmPool is never; set it to auto to use a warm pod';
  if (fn.spec.code.pullSecret) return 'spec.code.pullSecret: a warm pod has no such Secret; remove it to use one';
  if (min > 0) return `spec.scale.min is ${min}: the function is never at zero, and needs no warm pod`;
  if ((fn.spec.replicas ?? 0) > 0) return `spec.replicas is ${fn.spec.replicas}: the function is never at zero, and needs no warm pod`;
  return undefined;
}

/** Whether a free pod made from the pool's template can be one that was made from the function's: they differ in nothing but environment, labels, ports, hostAliases, grace, and a limit
 * for files that is larger in the pool. Else why not, and what would have to be different. Pure. */
export function fits(template: PodTemplate, pool: { name: string; template: PodTemplate }): string | undefined {
  const own = template.spec.containers.find(({ name }) => name === FUNCTION_CONTAINER);
  const free = pool.template.spec.containers[0];
  if (!own || !free || template.spec.containers.length !== 1) return 'its pods have more than one container, and a warm pod has one';
  const resources = differs(own.resources, free.resources);
  if (resources) {
    return `spec.resources: ${resources} of WarmPool "${pool.name}"; make a WarmPool with these spec.resources, or leave them out in the function`;
  }
  const expanded = own.env.find(({ value }) => value?.includes('$('));
  if (expanded) return `spec.env ${shown(expanded.name)}: only the kubelet can expand $( in a value; write it out to use a warm pod`;
  if (own.env.some(({ name }) => name === 'AWS_LAMBDA_EXEC_WRAPPER')) {
    return 'spec.env AWS_LAMBDA_EXEC_WRAPPER: in a warm pod the interpreter runs already; remove it to use one';
  }
  if (canonical(essence(template, own)) !== canonical(essence(pool.template, free)))
    return `its pods are not made as those of WarmPool "${pool.name}" are (image, security or volumes); this passes when its newest revision has taken over`;
  return undefined;
}

/** Names of variables that come from Secrets and ConfigMaps. */
export function referred(template: PodTemplate): string[] {
  const env = template.spec.containers.find(({ name }) => name === FUNCTION_CONTAINER)?.env ?? [];
  return env.flatMap(({ name, valueFrom }) => (valueFrom && !('fieldRef' in (valueFrom as object)) ? [shown(name)] : []));
}

/** Without the detour that some take past the bridge. */
function shown(name: string): string {
  return name.replace(/^LULL_ENV_/, '');
}

/** What must be the same, without what the API server fills in by itself. */
function essence(
  { spec }: PodTemplate,
  { image, imagePullPolicy, command, workingDir, securityContext, volumeMounts, lifecycle }: Container,
): object {
  const { securityContext: pod, automountServiceAccountToken, enableServiceLinks, imagePullSecrets, initContainers, volumes } = spec;
  return {
    image,
    imagePullPolicy,
    command,
    workingDir,
    securityContext,
    volumeMounts,
    lifecycle,
    pod,
    automountServiceAccountToken,
    enableServiceLinks,
    imagePullSecrets,
    initContainers,
    volumes,
    // Not written by Lull; by somebody's webhook they might be.
    ...Object.fromEntries(FOREIGN.map((field) => [field, (spec as unknown as Record<string, unknown>)[field]])),
  };
}

const FOREIGN = [
  'serviceAccountName',
  'nodeSelector',
  'affinity',
  'tolerations',
  'runtimeClassName',
  'priorityClassName',
  'shareProcessNamespace',
  'hostNetwork',
];

function differs(own: Resources, free: Resources): string | undefined {
  for (const kind of ['limits', 'requests'] as const) {
    for (const name of ['cpu', 'memory', 'ephemeral-storage'] as const) {
      const [wanted, there] = [amount(own[kind], name), amount(free[kind], name)];
      if (wanted === there || (kind === 'limits' && name === 'ephemeral-storage' && wanted <= there)) continue;
      return `${kind}.${name} is ${own[kind]?.[name] ?? 'not set'}, and ${free[kind]?.[name] ?? 'not set'} in the pods`;
    }
  }
  return undefined;
}

/** None at all is without bounds. */
function amount(list: ResourceList | undefined, name: keyof ResourceList): number {
  return quantityBytes(list?.[name]) ?? Number.POSITIVE_INFINITY;
}
