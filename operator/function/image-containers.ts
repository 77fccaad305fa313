import type { BridgeWay } from '../../common/api/image.ts';
import { BRIDGE_CONTAINER } from '../../common/api/names.ts';
import type { ImageProcess } from './image-process.ts';
import type { Container, ContainerEnv, PodSpec } from './objects.ts';
import type { Settings } from './settings.ts';

/** AWS Lambda runs an image as a user of its own, whatever its USER says; images made for it have none, or root. */
const USER = { runAsUser: 10_001, runAsGroup: 10_001 };
/** Where the runtime's image has all that the bridge needs to start in another image's container (images/runtime/enter.c). */
const FOLDER = '/lull';
/**
 * The processes that may be the holder's. It is the first container's first: 7 with runc 1.1, whose own threads had the numbers before; each container that something
 * puts in front of it takes about as many. A name without a file costs 2 µs, so there are enough.
 */
const MOST_PROCESSES = 127;
const SEARCHED = Array.from({ length: MOST_PROCESSES - 1 }, (_, i) => `/proc/${i + 2}/root${FOLDER}`).join(':');

/** What of a pod's specification is different for somebody else's image. */
export type ImagePod = Pick<PodSpec, 'containers'> & Partial<Pick<PodSpec, 'shareProcessNamespace' | 'initContainers' | 'volumes'>>;

/**
 * The bridge as the first process of a container whose image knows nothing of it (docs/adr/0015). `lambda`: the container as it would be with an image of Lull's own.
 *
 * `shared-processes`: a container that only sleeps stands first in the list, and the pod's containers see each other's processes. So the files of its image are there for
 * the function's container under /proc/PID/root, without a volume and without a copy. Which PID that is cannot be known before; but the container runtime looks for a
 * command without a path in PATH, so PATH names them all. The image's own goes to the bridge, for the handler.
 */
export function imageContainers(
  lambda: Container,
  process: ImageProcess,
  way: BridgeWay,
  settings: Settings,
  workingDir?: string,
): ImagePod {
  const own = {
    ...lambda,
    image: process.image,
    ...(workingDir !== undefined && { workingDir }),
    env: [
      ...lambda.env.map((variable) => (variable.name === 'LULL_HANDLER' ? { ...variable, value: process.handler } : variable)),
      { name: 'LULL_IMAGE', value: '1' },
    ],
    securityContext: { ...(lambda.securityContext as object), ...USER },
  };
  const bridge = {
    name: BRIDGE_CONTAINER,
    image: settings.bridgeImage,
    imagePullPolicy: settings.imagePullPolicy,
    env: [],
    resources: {
      requests: { cpu: '5m', memory: '8Mi', 'ephemeral-storage': '1Mi' },
      limits: { memory: '64Mi', 'ephemeral-storage': '16Mi' },
    },
    securityContext: own.securityContext,
  };
  if (way === 'volume') {
    const mount = { name: BRIDGE_CONTAINER, mountPath: FOLDER };
    const tmp = { name: 'tmp', mountPath: '/tmp' };
    return {
      initContainers: [{ ...bridge, command: ['cp', '-rL', `${FOLDER}/.`, '/copy'], volumeMounts: [{ ...mount, mountPath: '/copy' }] }],
      containers: [{ ...own, command: [`${FOLDER}/enter`], volumeMounts: [{ ...mount, readOnly: true }, tmp] }],
      volumes: [
        { name: BRIDGE_CONTAINER, emptyDir: { sizeLimit: '256Mi' } },
        { name: tmp.name, emptyDir: { sizeLimit: lambda.resources.limits?.['ephemeral-storage'] ?? '512Mi' } },
      ],
    };
  }
  return {
    shareProcessNamespace: true,
    containers: [
      { ...bridge, command: ['sleep', 'infinity'] },
      {
        ...own,
        command: ['enter'],
        env: [...own.env, ...imagePath(own.env, process.path), { name: 'PATH', value: SEARCHED }],
      },
    ],
  };
}

/** Where spec.env has none. */
function imagePath(env: readonly ContainerEnv[], path: string): ContainerEnv[] {
  return env.some(({ name }) => name === 'LULL_ENV_PATH') ? [] : [{ name: 'LULL_ENV_PATH', value: path }];
}
