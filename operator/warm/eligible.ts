import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import type { WarmStatus } from '../../common/api/function-status.ts';
import { quantityValue } from '../../common/api/memory.ts';
import type { ResourceList, Resources } from '../../common/api/meta.ts';
import { canStartAhead, READ_AT_START } from '../../common/api/prestart.ts';
import { canonical } from '../function/canonical.ts';
import type { PodTemplate } from '../function/objects.ts';

export interface EligibleOptions {
  fn: LullFunction;
  /** Of the function's active revision, and of a function like the pool's pods. */
  template: PodTemplate;
  pool: { name: string; hash: string; template: PodTemplate };
  revision: string;
  /** The Runtime's. */
  command: readonly string[];
}

/**
 * Whether a pod of the pool can be the function's; pure. It can when the two pods differ in nothing but environment, labels, ports and times to end, and the pool's CPU request, which is the choice of who
 * made the pool.
 */
export function eligible({ fn, template, pool, revision, command }: EligibleOptions): WarmStatus {
  const why = obstacle(fn, template, pool.template);
  if (why !== undefined) return { eligible: false, reason: why };
  const refers = fn.spec.env?.some(({ valueFrom }) => valueFrom !== undefined);
  const reason = `the first request at zero may be answered by a pod of WarmPool ${pool.name}${refers ? ', once a pod of its own has said what its Secrets and ConfigMaps hold' : ''}${late(fn, command)}`;
  return { eligible: true, reason, pool: pool.name, template: pool.hash, revision };
}

/** What the pod does not have behind it when it is claimed. */
function late({ spec }: LullFunction, command: readonly string[]): string {
  if (!canStartAhead(command)) return `; its handler's process starts then, for nothing starts a ${spec.runtime} ahead`;
  const read = spec.env?.find(({ name }) => READ_AT_START.test(name));
  return read === undefined ? '' : `; its handler's process starts then, for ${read.name} is read when a process starts`;
}

function obstacle(fn: LullFunction, own: PodTemplate, pool: PodTemplate): string | undefined {
  if (fn.spec.scale?.warmPool === 'never') return 'spec.scale.warmPool is never';
  if (effectiveSpec(fn.spec).min > 0) return 'spec.scale.min is above 0: it is never at zero';
  if ((fn.spec.replicas ?? 0) > 0) return `spec.replicas is ${fn.spec.replicas}: it is never at zero`;
  const expanded = fn.spec.env?.find(({ value }) => value?.includes('$('));
  if (expanded)
    return `spec.env ${expanded.name} refers to other variables by $(NAME), which only the kubelet fills in: write the value itself`;
  return (
    differentResources(own, pool) ??
    (shape(own) === shape(pool) ? undefined : 'its pod is another than the pool’s: compare the two with kubectl get pod -o yaml')
  );
}

function differentResources(own: PodTemplate, pool: PodTemplate): string | undefined {
  const [mine, theirs] = [resourcesOf(own), resourcesOf(pool)];
  const checks: [keyof Resources, keyof ResourceList][] = [
    ['limits', 'memory'],
    ['limits', 'cpu'],
    ['requests', 'memory'],
  ];
  for (const [kind, resource] of checks) {
    const [a, b] = [mine[kind]?.[resource], theirs[kind]?.[resource]];
    if (quantityValue(a) !== quantityValue(b))
      return `spec.resources.${kind}.${resource} is ${a ?? 'none'}, and the pool’s pods have ${b ?? 'none'}: leave it out, or make a WarmPool with spec.resources like it`;
  }
  const [files, room] = [mine.limits?.['ephemeral-storage'], theirs.limits?.['ephemeral-storage']];
  if ((quantityValue(files) ?? 0) > (quantityValue(room) ?? Number.POSITIVE_INFINITY))
    return `its files may take ${files} (code and spec.resources.limits.ephemeral-storage), and the pool’s pods have ${room}: make a WarmPool with more`;
  return undefined;
}

const resourcesOf = ({ spec }: PodTemplate): Resources => spec.containers[0]?.resources ?? {};

/**
 * What must be the same: all that Lull writes but what a claim brings and what was compared already. The API server fills in more (dnsPolicy, schedulerName, …), the same for both; of what
 * somebody's webhook may have written, what changes where and as whom a pod runs.
 */
function shape({ spec }: PodTemplate): string {
  const {
    securityContext: pod,
    automountServiceAccountToken,
    enableServiceLinks,
    imagePullSecrets,
    initContainers,
    volumes,
    containers,
  } = spec;
  const own = containers.map(({ image, imagePullPolicy, command, workingDir, securityContext, volumeMounts, lifecycle }) => ({
    image,
    imagePullPolicy,
    command,
    workingDir,
    securityContext,
    volumeMounts,
    lifecycle,
  }));
  const foreign = FOREIGN.map((field) => (spec as unknown as Record<string, unknown>)[field]);
  return canonical({ pod, automountServiceAccountToken, enableServiceLinks, imagePullSecrets, initContainers, volumes, own, foreign });
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
