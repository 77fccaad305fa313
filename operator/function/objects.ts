/** Kubernetes' own kinds, as far as Lull writes them. */
import type { ObjectMeta, Resources } from '../../common/api/meta.ts';

/** Any object, as it is sent to the API server. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export interface ContainerEnv {
  name: string;
  value?: string;
  valueFrom?: unknown;
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy: string;
  command?: string[];
  workingDir?: string;
  env: ContainerEnv[];
  ports?: { name: string; containerPort: number }[];
  resources: Resources;
  securityContext: unknown;
  readinessProbe?: unknown;
  livenessProbe?: unknown;
  lifecycle?: unknown;
  terminationMessagePolicy?: string;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}

export interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: PodSpec;
}

export interface PodSpec {
  automountServiceAccountToken: false;
  enableServiceLinks: false;
  shareProcessNamespace?: boolean;
  hostAliases?: { ip: string; hostnames: string[] }[];
  terminationGracePeriodSeconds: number;
  securityContext: unknown;
  imagePullSecrets?: { name: string }[];
  initContainers?: Container[];
  containers: Container[];
  volumes?: { name: string; emptyDir: { sizeLimit: string } }[];
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    revisionHistoryLimit: number;
    selector: { matchLabels: Record<string, string> };
    template: PodTemplate;
  };
  status?: {
    replicas?: number;
    readyReplicas?: number;
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

export interface Job extends KubeObject {
  spec: Record<string, unknown>;
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[]; failed?: number };
}

/** A pod, as far as the status is told from it. */
export interface Pod extends KubeObject {
  spec?: { nodeName?: string; containers?: { name: string; resources?: Resources; ports?: { name?: string; containerPort: number }[] }[] };
  status?: {
    phase?: string;
    /** Why it ended, if the kubelet ended it. */
    reason?: string;
    message?: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** One of those that stand behind a Service. */
export interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  nodeName?: string;
  zone?: string;
  targetRef?: { kind: string; namespace: string; name: string; uid?: string };
}

export interface EndpointSlice extends KubeObject {
  addressType: 'IPv4' | 'IPv6' | 'FQDN';
  endpoints?: Endpoint[] | null;
  ports?: { name?: string; port?: number; protocol?: string }[] | null;
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: object;
    terminated?: { reason?: string; exitCode?: number; message?: string };
  };
  lastState?: { terminated?: { reason?: string; exitCode?: number; message?: string } };
}
