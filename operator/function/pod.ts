import { effectiveSpec } from '../../common/api/defaults.ts';
import type { FunctionSpec, LullFunction } from '../../common/api/function.ts';
import { memoryMegabytes } from '../../common/api/memory.ts';
import {
  ANNOUNCER_CONTAINER,
  BRIDGE_ADMIN_PORT,
  BRIDGE_DIRECT_PORT,
  BRIDGE_PORT,
  DIRECT_PORT_NAME,
  FUNCTION_CONTAINER,
  FUNCTION_LABEL,
  REVISION_LABEL,
} from '../../common/api/names.ts';
import type { LullRuntime, RuntimeSpec } from '../../common/api/runtime.ts';
import { storeToken } from '../../common/api/store.ts';
import { announceToken, codeDigest } from '../../common/api/token.ts';
import { lambdaName } from '../../common/lambda-api/annotations.ts';
import type { Bundle, RevisionCode } from '../code/bundle.ts';
import { type ImagePod, imageContainers } from './image-containers.ts';
import { imageProcess } from './image-process.ts';
import type { Container, ContainerEnv, PodTemplate } from './objects.ts';
import { containerResources } from './resources.ts';
import type { Settings } from './settings.ts';

/** What a pod may take, beyond the longest request, to end: the bridge's own drain (a moment for racing requests) and the kubelet's delay. */
const DRAIN_MARGIN_SECONDS = 10;

/** Restricted Pod Security, for every container. */
const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** Names that would change the bridge's own Node, or where it is looked for; they reach the handler by a detour (LULL_ENV_NAME, renamed by the bridge). */
const AFFECTS_BRIDGE = /^(NODE_|SSL_CERT_|OPENSSL_|LD_|UV_|PATH$)/;

/**
 * The pod of one revision.
 *
 * No volume: the kubelet waits in steps for a pod's volumes, + 0.22 to 0.30 s a cold start (DESIGN.md), so code comes over the network and /tmp lies on
 * the container's own layer. No token and no service links: the function has no business with the API server.
 */
export function podTemplate(
  fn: LullFunction,
  runtime: LullRuntime | undefined,
  settings: Settings,
  revision: string,
  code: RevisionCode,
): PodTemplate {
  const { pullSecret } = fn.spec.code;
  return {
    metadata: {
      labels: {
        [FUNCTION_LABEL]: fn.metadata.name,
        [REVISION_LABEL]: revision,
        'app.kubernetes.io/name': fn.metadata.name,
        'app.kubernetes.io/managed-by': 'lull',
      },
      annotations: { 'kubectl.kubernetes.io/default-container': FUNCTION_CONTAINER },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(mayHaveExtensions(fn, runtime, code) && { hostAliases: SANDBOX }),
      terminationGracePeriodSeconds: graceSeconds(fn),
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      ...(pullSecret && { imagePullSecrets: [{ name: pullSecret.name }] }),
      ...containersOf(fn, runtime, settings, revision, code),
    },
  };
}

/** They come with an image of its own, or with code and layers that are fetched; for all others the pod stays what it was. */
function mayHaveExtensions(fn: LullFunction, runtime: LullRuntime | undefined, code: RevisionCode): boolean {
  return effectiveSpec(fn.spec).protocol === 'lambda' && (!runtime || code.bundles.length > 0);
}

/** By these names an extension listens for telemetry in AWS's documentation and samples: this pod. It is two words in a file that the kubelet writes anyway. */
export const SANDBOX = [{ ip: '127.0.0.1', hostnames: ['sandbox.localdomain', 'sandbox'] }];

/** Three kinds of pod: a handler in a Runtime's image, a handler in an image of its own, and a server, which is its own image, too. */
function containersOf(
  fn: LullFunction,
  runtime: LullRuntime | undefined,
  settings: Settings,
  revision: string,
  code: RevisionCode,
): ImagePod {
  if (effectiveSpec(fn.spec).protocol === 'http') return { containers: [announcer(fn, settings, revision), serverContainer(fn, settings)] };
  if (runtime) return { containers: [lambdaContainer(fn, runtime.spec, settings, revision, code.bundles)] };
  const process = imageProcess(fn.spec, code.image);
  const { bridge = 'shared-processes', workingDirectory } = fn.spec.imageConfig ?? {};
  const lambda = lambdaContainer(fn, { image: process.image, command: process.argv }, settings, revision, []);
  return imageContainers(lambda, process, bridge, settings, workingDirectory);
}

/** What a pod gets to end: long enough for its longest request, unless it is told apart (knative #15599). */
function graceSeconds(fn: LullFunction): number {
  return fn.spec.terminationGracePeriodSeconds ?? effectiveSpec(fn.spec).timeoutSeconds + DRAIN_MARGIN_SECONDS;
}

function lambdaContainer(
  fn: LullFunction,
  runtime: RuntimeSpec,
  settings: Settings,
  revision: string,
  bundles: readonly Bundle[],
): Container {
  const unpackedBytes = bundles.reduce((sum, bundle) => sum + bundle.unpackedBytes, 0);
  const resources = containerResources(fn.spec.resources, runtime.resources, unpackedBytes);
  const { directAccess } = effectiveSpec(fn.spec);
  const own = (fn.spec.env ?? []).map((variable): ContainerEnv => {
    return AFFECTS_BRIDGE.test(variable.name) ? { ...variable, name: `LULL_ENV_${variable.name}` } : { ...variable };
  });
  return {
    name: FUNCTION_CONTAINER,
    image: runtime.image,
    imagePullPolicy: settings.imagePullPolicy,
    env: [
      ...own,
      { name: 'LULL_MODE', value: 'lambda' },
      ...bridgeEnv(fn, settings, revision, BRIDGE_PORT),
      ...(directAccess ? directEnv(settings) : []),
      ...codeEnv(fn, settings, bundles),
      { name: 'LULL_HANDLER', value: fn.spec.handler ?? '' },
      { name: 'LULL_COMMAND', value: JSON.stringify(runtime.command) },
      ...handlerChoices(fn.spec),
      { name: 'LULL_MEMORY_MB', value: String(memoryMegabytes(resources.limits?.memory)) },
    ],
    ports: [
      { name: 'http', containerPort: BRIDGE_PORT },
      ...(directAccess ? [{ name: DIRECT_PORT_NAME, containerPort: BRIDGE_DIRECT_PORT }] : []),
      { name: 'lull-admin', containerPort: BRIDGE_ADMIN_PORT },
    ],
    resources,
    securityContext: CONTAINER_SECURITY,
    // Readiness is the fallback and the repair, never the wake-up path; the first probe is at once, so a period of 2 s costs little.
    readinessProbe: { httpGet: { path: '/readyz', port: BRIDGE_ADMIN_PORT }, periodSeconds: 2, timeoutSeconds: 2 },
    livenessProbe: { httpGet: { path: '/healthz', port: BRIDGE_ADMIN_PORT }, periodSeconds: 10, timeoutSeconds: 5 },
  };
}

/** First in the pod's list and an ordinary container: as a native sidecar it would keep the server waiting for the kubelet's relist, + 0.7 s (PEERS.md). */
function announcer(fn: LullFunction, settings: Settings, revision: string): Container {
  return {
    name: ANNOUNCER_CONTAINER,
    image: settings.bridgeImage,
    imagePullPolicy: settings.imagePullPolicy,
    env: [{ name: 'LULL_MODE', value: 'announce' }, ...bridgeEnv(fn, settings, revision, effectiveSpec(fn.spec).port)],
    ports: [{ name: 'lull-admin', containerPort: BRIDGE_ADMIN_PORT }],
    resources: {
      requests: { cpu: '5m', memory: '24Mi', 'ephemeral-storage': '16Mi' },
      limits: { memory: '96Mi', 'ephemeral-storage': '64Mi' },
    },
    securityContext: CONTAINER_SECURITY,
    readinessProbe: { httpGet: { path: '/readyz', port: BRIDGE_ADMIN_PORT }, periodSeconds: 2, timeoutSeconds: 2 },
  };
}

function serverContainer(fn: LullFunction, settings: Settings): Container {
  const { port } = effectiveSpec(fn.spec);
  const given = (fn.spec.env ?? []).filter((variable) => variable.name !== 'PORT');
  return {
    name: FUNCTION_CONTAINER,
    image: fn.spec.code.image ?? '',
    imagePullPolicy: settings.imagePullPolicy,
    env: [...given.map((variable): ContainerEnv => ({ ...variable })), { name: 'PORT', value: String(port) }],
    ports: [{ name: 'http', containerPort: port }],
    resources: containerResources(fn.spec.resources, undefined),
    securityContext: CONTAINER_SECURITY,
    readinessProbe: { tcpSocket: { port }, periodSeconds: 2, timeoutSeconds: 2 },
    // Many servers stop listening at SIGTERM at once: meanwhile the activators hear that the pod is ending. 50 ms do on a quiet machine; with 30 processes waiting for its 2 cores
    // one second was too short for 83 of 32,000 requests (502).
    lifecycle: { preStop: { sleep: { seconds: 3 } } },
  };
}

/** What the bridge reads in both its modes (images/runtime/config.ts). */
function bridgeEnv(fn: LullFunction, settings: Settings, revision: string, port: number): ContainerEnv[] {
  const spec = effectiveSpec(fn.spec);
  const namespace = fn.metadata.namespace ?? 'default';
  const called = lambdaName(fn.metadata);
  const fieldRef = (fieldPath: string) => ({ fieldRef: { apiVersion: 'v1', fieldPath } });
  return [
    { name: 'LULL_NAMESPACE', value: namespace },
    { name: 'LULL_FUNCTION', value: fn.metadata.name },
    // Where AWS has a name for it that Kubernetes does not take.
    ...(called !== fn.metadata.name ? [{ name: 'LULL_LAMBDA_NAME', value: called }] : []),
    { name: 'LULL_REVISION', value: revision },
    { name: 'LULL_POD', valueFrom: fieldRef('metadata.name') },
    { name: 'LULL_POD_IP', valueFrom: fieldRef('status.podIP') },
    { name: 'LULL_ACTIVATOR', value: settings.activatorControl },
    { name: 'LULL_TOKEN', value: announceToken(settings.announceKey, { namespace, function: fn.metadata.name, revision }) },
    { name: 'LULL_PORT', value: String(port) },
    { name: 'LULL_ADMIN_PORT', value: String(BRIDGE_ADMIN_PORT) },
    { name: 'LULL_CONCURRENCY', value: String(spec.concurrency) },
    { name: 'LULL_TIMEOUT_SECONDS', value: String(spec.timeoutSeconds) },
    { name: 'LULL_DRAIN_SECONDS', value: String(Math.max(1, graceSeconds(fn) - 2)) },
  ];
}

/** Left out where they are the usual, so that the revisions of those who never asked for them stay what they are. */
function handlerChoices({ logFormat, httpEvent, cors }: FunctionSpec): ContainerEnv[] {
  return [
    ...(logFormat === 'JSON' ? [{ name: 'LULL_LOG_FORMAT', value: logFormat }] : []),
    ...(httpEvent && httpEvent !== 'apigateway-v2' ? [{ name: 'LULL_HTTP_EVENT', value: httpEvent }] : []),
    ...(cors ? [{ name: 'LULL_CORS', value: JSON.stringify(cors) }] : []),
  ];
}

/** Where the code is: handed over by an activator, or in bundles that the store has; layers always are. */
function codeEnv(fn: LullFunction, settings: Settings, bundles: readonly Bundle[]): ContainerEnv[] {
  const handedOver = fn.spec.code.image === undefined && !bundles.some(({ target }) => target === '/var/task');
  const list = bundles.map(({ digest, target }) => ({ digest, token: storeToken(settings.announceKey, `read/${digest}`), target }));
  return [
    ...(handedOver ? [{ name: 'LULL_CODE_DIGEST', value: codeDigest(fn.spec.code.inline ?? {}) }] : []),
    ...(list.length > 0
      ? [
          { name: 'LULL_STORE', value: settings.code.store },
          { name: 'LULL_BUNDLES', value: JSON.stringify(list) },
        ]
      : []),
  ];
}

/** For a bridge that callers may reach directly, and that hands on to the activators what it has no room for. */
function directEnv(settings: Settings): ContainerEnv[] {
  return [
    { name: 'LULL_DIRECT_PORT', value: String(BRIDGE_DIRECT_PORT) },
    { name: 'LULL_ACTIVATOR_HTTP', value: settings.activatorHttp },
    { name: 'LULL_TRUSTED_PROXIES', value: settings.trustedProxies },
  ];
}
