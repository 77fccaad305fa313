import type { ContainerStatus, Pod } from './objects.ts';

/** Something that keeps a revision's pods from running, in words that say what to do. */
export interface Problem {
  reason: string;
  message: string;
}

/** Waiting reasons of the kubelet that do not pass by themselves, and the remedy. */
const REMEDIES: Readonly<Record<string, string>> = {
  ErrImagePull: 'check the name of the image, and that the node may pull it',
  ImagePullBackOff: 'check the name of the image, and that the node may pull it',
  ErrImageNeverPull: 'the image is not on the node and may not be pulled',
  InvalidImageName: 'the image has a name that cannot be one',
  CreateContainerConfigError: 'check the Secrets and ConfigMaps that spec.env names, and that the image has a numeric USER other than 0',
  CreateContainerError: 'see the message; kubectl describe pod tells more',
  RunContainerError: "the image's command could not be run; see the message",
  CrashLoopBackOff: 'the process ends again and again; kubectl logs tells why',
};

/** The first thing wrong with the pods, if any. Example: `pod a-1: ImagePullBackOff: … — check the name of the image, …`. */
export function podProblem(pods: readonly Pod[]): Problem | undefined {
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp) continue;
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
      return {
        reason: 'Unschedulable',
        message: `pod ${pod.metadata.name}: ${scheduled.message ?? 'no node fits'}; lower spec.resources.requests or add nodes`,
      };
    }
    for (const container of pod.status?.containerStatuses ?? []) {
      const problem = containerProblem(pod.metadata.name, container);
      if (problem) return problem;
    }
  }
  return undefined;
}

/** What a container runtime says when it finds the bridge in no process of the pod (image-containers.ts). */
const NO_BRIDGE = /"enter": executable file not found/;

function containerProblem(pod: string, { name, state, lastState }: ContainerStatus): Problem | undefined {
  const reason = state?.waiting?.reason;
  const remedy = reason === undefined ? undefined : REMEDIES[reason];
  if (reason === undefined || remedy === undefined) return undefined;
  const ended = lastState?.terminated;
  if (NO_BRIDGE.test(`${state?.waiting?.message} ${ended?.message}`)) {
    return {
      reason: 'BridgeNotFound',
      message: `pod ${pod}, container ${name}: Lull's bridge is not seen under /proc/PID/root of the pod's other processes, by the container runtime or for what was put in front of them; set spec.imageConfig.bridge to volume`,
    };
  }
  if (ended?.reason === 'OOMKilled') {
    return {
      reason: 'OutOfMemory',
      message: `pod ${pod}, container ${name}: ended for using more memory than its limit; raise spec.resources.limits.memory`,
    };
  }
  const detail = state?.waiting?.message ?? (ended ? `last exit code ${ended.exitCode}` : '');
  return { reason, message: `pod ${pod}, container ${name}: ${reason}: ${detail || 'no detail given'} (${remedy})` };
}
