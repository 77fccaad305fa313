/** Labels, ports and names on which operator, activator, bridge and chart agree. */

export const GROUP = 'lull.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}` as const;

/** On every object and pod of a function: the function's name. */
export const FUNCTION_LABEL = 'lull.dev/function';
/** On every Deployment and pod of a revision: the revision's name, which is its Deployment's. */
export const REVISION_LABEL = 'lull.dev/revision';

/**
 * On a Job that fetches code, and its pods: the function's name. Not FUNCTION_LABEL, by which pods count as the function's own and its NetworkPolicy selects them.
 */
export const CODE_LABEL = 'lull.dev/code-of';
/** On the same: of what (`code`, `layer-0`, …), and the digest of its source. */
export const CODE_NAME_LABEL = 'lull.dev/code';
export const CODE_SOURCE_LABEL = 'lull.dev/source';
/** On a Function: any other value than before fetches its sources anew. */
export const REFRESH_ANNOTATION = 'lull.dev/refresh';

/** On a WarmPool's pods, free or claimed: the pool's name. */
export const POOL_LABEL = 'lull.dev/warm-pool';
/** On the same: the hash of the pod template that they were made from (warmTemplateHash). */
export const POOL_TEMPLATE_LABEL = 'lull.dev/warm-template';
/** On the same: `free`, or `claimed` once a function has it; a claimed one has FUNCTION_LABEL and REVISION_LABEL, too. */
export const POOL_STATE_LABEL = 'lull.dev/warm-state';
/** On a WarmPool that Runtime.spec.warm asked for: the Runtime's name. */
export const RUNTIME_POOL_LABEL = 'lull.dev/warm-pool-of-runtime';

/** Port of a `lambda` pod on which the bridge serves requests. */
export const BRIDGE_PORT = 8080;
/** Port of a `lambda` pod for in-cluster callers that leave the activators out (spec.scale.directAccess); a port of its own, so that a policy can tell them apart. */
export const BRIDGE_DIRECT_PORT = 8087;
/** Name of that port in the pod's list. */
export const DIRECT_PORT_NAME = 'lull-direct';
/** Port of every function pod for probes and metrics: out of the way of a user's own server, which shares the pod's network. */
export const BRIDGE_ADMIN_PORT = 19090;
/** Port on which the activator serves requests. */
export const ACTIVATOR_PORT = 8080;
/** Port on which the activator takes announcements. */
export const ACTIVATOR_CONTROL_PORT = 8081;
/** Port on which operator and activator serve /metrics, /healthz and /readyz. */
export const METRICS_PORT = 9090;

/** On a revision's Deployment, for the activator: what its pods were made with, which the Function's newest spec may no longer say. */
export const CONCURRENCY_ANNOTATION = 'lull.dev/concurrency';
export const TIMEOUT_ANNOTATION = 'lull.dev/timeout-seconds';

/** On pods that start with more CPU than they keep: what the function's container is lowered to once it is Ready, as JSON of its resources' CPU (operator/function/startup-boost.ts). */
export const AFTER_START_ANNOTATION = 'lull.dev/cpu-after-start';

/** On pods: ReplicaSets end those with the lowest cost first (Kubernetes' own; 0 when left out). */
export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** Name of the container that is the function's. */
export const FUNCTION_CONTAINER = 'function';
/** Name of the ordinary container, first in the pod, that announces a pod whose main container is somebody else's server. */
export const ANNOUNCER_CONTAINER = 'announcer';
/** Name of the container that holds the bridge where the function's own image has none. */
export const BRIDGE_CONTAINER = 'bridge';

/** On requests of the activator's to a pod: the body is an event for the handler (RequestResponse or ResponseStream), no HTTP request's. */
export const INVOKE_FIELD = 'Lull-Invoke';
/** `Tail`: the answer is to bring the end of what the invocation printed. */
export const LOG_TYPE_FIELD = 'Lull-Log-Type';
/** The client context, JSON. */
export const CLIENT_CONTEXT_FIELD = 'Lull-Client-Context';
/** The qualifier that the caller named the function with, for the ARN that the handler is told. */
export const QUALIFIER_FIELD = 'Lull-Qualifier';
/** They are the activator's to say: of clients they are dropped. */
export const LULL_FIELDS = [INVOKE_FIELD, LOG_TYPE_FIELD, CLIENT_CONTEXT_FIELD, QUALIFIER_FIELD] as const;
