import type { Resources } from '../../common/api/meta.ts';
import { BRIDGE_ADMIN_PORT, BRIDGE_DIRECT_PORT, BRIDGE_PORT, DIRECT_PORT_NAME, FUNCTION_CONTAINER } from '../../common/api/names.ts';
import type { Container, ContainerEnv, PodSpec } from './objects.ts';
import type { Settings } from './settings.ts';

/** Restricted Pod Security, for every container. */
export const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** By these names an extension listens for telemetry in AWS's documentation and samples: this pod. It is two words in a file that the kubelet writes anyway. */
export const SANDBOX = [{ ip: '127.0.0.1', hostnames: ['sandbox.localdomain', 'sandbox'] }];

/** What every pod has, whatever is in it. No token and no service links: a function has no business with the API server. */
export const POD_SECURITY = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
} as const satisfies Partial<PodSpec>;

/** The container of a handler in a Runtime's image, a function's and a warm pool's alike: a free pod becomes a function's because the two differ in nothing but `env`. */
export function handlerContainer(
  image: string,
  env: ContainerEnv[],
  resources: Resources,
  direct: boolean,
  settings: Pick<Settings, 'imagePullPolicy'>,
): Container {
  return {
    name: FUNCTION_CONTAINER,
    image,
    imagePullPolicy: settings.imagePullPolicy,
    env,
    ports: [
      { name: 'http', containerPort: BRIDGE_PORT },
      ...(direct ? [{ name: DIRECT_PORT_NAME, containerPort: BRIDGE_DIRECT_PORT }] : []),
      { name: 'lull-admin', containerPort: BRIDGE_ADMIN_PORT },
    ],
    resources,
    securityContext: CONTAINER_SECURITY,
    // Readiness is the fallback and the repair, never the wake-up path; the first probe is at once, so a period of 2 s costs little.
    readinessProbe: { httpGet: { path: '/readyz', port: BRIDGE_ADMIN_PORT }, periodSeconds: 2, timeoutSeconds: 2 },
    livenessProbe: { httpGet: { path: '/healthz', port: BRIDGE_ADMIN_PORT }, periodSeconds: 10, timeoutSeconds: 5 },
  };
}

/** Who the pod is and whom it announces itself to. The order is part of every revision's hash: do not change it. */
export function announceEnv(
  namespace: string,
  subject: ContainerEnv[],
  token: string,
  port: number,
  settings: Pick<Settings, 'activatorControl'>,
): ContainerEnv[] {
  const fieldRef = (fieldPath: string) => ({ fieldRef: { apiVersion: 'v1', fieldPath } });
  return [
    { name: 'LULL_NAMESPACE', value: namespace },
    ...subject,
    { name: 'LULL_POD', valueFrom: fieldRef('metadata.name') },
    { name: 'LULL_POD_IP', valueFrom: fieldRef('status.podIP') },
    { name: 'LULL_ACTIVATOR', value: settings.activatorControl },
    { name: 'LULL_TOKEN', value: token },
    { name: 'LULL_PORT', value: String(port) },
    { name: 'LULL_ADMIN_PORT', value: String(BRIDGE_ADMIN_PORT) },
  ];
}
