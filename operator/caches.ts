import type { LullFunction } from '../common/api/function.ts';
import { API_VERSION, BRIDGE_ADMIN_PORT, FUNCTION_LABEL } from '../common/api/names.ts';
import type { LullRuntime } from '../common/api/runtime.ts';
import { joinHostPort } from '../common/host-port.ts';
import { Reflector, type ReflectorObserver } from '../common/kube/reflector.ts';
import { type KubeObject, keyOf, Store } from '../common/kube/store.ts';
import type { KubeTransport } from '../common/kube/transport.ts';
import type { Scalable } from './autoscaler/function-scaler.ts';
import type { FunctionReader } from './function/cluster.ts';
import type { Deployment, Pod } from './function/objects.ts';

const functionKey = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.labels?.[FUNCTION_LABEL]}`;
const byFunction = (object: KubeObject): string[] => [functionKey(object)];

interface EndpointSlice extends KubeObject {
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
}

export interface CachesOptions {
  transport: KubeTransport;
  observer: ReflectorObserver;
  /** Lull's own namespace, and the Service of the activators' control port in it. */
  namespace: string;
  controlService: string;
  /** Anything that concerns a Function has changed. */
  onFunction: (key: string) => void;
  /** What was applied for it was changed or deleted by somebody. */
  onOwned: (key: string) => void;
  /** One of its Deployments was told another number of pods. */
  onScaled: (key: string) => void;
  onActivators: () => void;
}

/** What the operator watches, and what is read from it. */
export class Caches implements FunctionReader {
  readonly #functions = new Store<LullFunction>({ runtime: (fn) => (fn.spec.runtime === undefined ? [] : [fn.spec.runtime]) });
  readonly #runtimes = new Store<LullRuntime>();
  readonly #deployments = new Store<Deployment>({ function: byFunction });
  readonly #pods = new Store<Pod>({ function: byFunction });
  /** Of the activators' control Service. */
  readonly #activators = new Store<EndpointSlice>();
  /** Watched only to hear when somebody changes or deletes what was applied. */
  readonly #services = new Store<KubeObject>();
  readonly #policies = new Store<KubeObject>();
  readonly #reflectors: { start(): unknown; stop(): void; readonly hasSynced: boolean; readonly whenSynced: Promise<void> }[];

  constructor({ transport, observer, namespace, controlService, onFunction, onOwned, onScaled, onActivators }: CachesOptions) {
    const shared = { transport, observer };
    this.#reflectors = [
      new Reflector({ ...shared, path: `/apis/${API_VERSION}/runtimes`, store: this.#runtimes }),
      new Reflector({ ...shared, path: `/apis/${API_VERSION}/functions`, store: this.#functions }),
      new Reflector({ ...shared, path: '/apis/apps/v1/deployments', labelSelector: FUNCTION_LABEL, store: this.#deployments }),
      new Reflector({ ...shared, path: '/api/v1/pods', labelSelector: FUNCTION_LABEL, store: this.#pods }),
      new Reflector({ ...shared, path: '/api/v1/services', labelSelector: FUNCTION_LABEL, store: this.#services }),
      new Reflector({
        ...shared,
        path: '/apis/networking.k8s.io/v1/networkpolicies',
        labelSelector: FUNCTION_LABEL,
        store: this.#policies,
      }),
      new Reflector({
        ...shared,
        path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
        labelSelector: `kubernetes.io/service-name=${controlService}`,
        store: this.#activators,
      }),
    ];
    this.#functions.onChange((_kind, fn) => onFunction(keyOf(fn)));
    this.#deployments.onChange((_kind, deployment, old) => {
      onFunction(functionKey(deployment));
      if (old?.spec.replicas !== deployment.spec.replicas) onScaled(functionKey(deployment));
    });
    this.#activators.onChange(() => onActivators());
    for (const owned of [this.#services, this.#policies])
      owned.onChange((kind, object) => (kind === 'added' ? undefined : onOwned(functionKey(object))));
    this.#deployments.onChange((kind, deployment) => (kind === 'deleted' ? onOwned(functionKey(deployment)) : undefined));
    this.#pods.onChange((_kind, pod) => onFunction(functionKey(pod)));
    this.#runtimes.onChange((_kind, runtime) => {
      for (const fn of this.#functions.byIndex('runtime', runtime.metadata.name)) onFunction(keyOf(fn));
    });
  }

  async start(): Promise<void> {
    for (const reflector of this.#reflectors) reflector.start();
    await Promise.all(this.#reflectors.map(({ whenSynced }) => whenSynced));
  }

  stop(): void {
    for (const reflector of this.#reflectors) reflector.stop();
  }

  get hasSynced(): boolean {
    return this.#reflectors.every(({ hasSynced }) => hasSynced);
  }

  functionKeys(): string[] {
    return this.#functions.keys();
  }

  function(key: string): LullFunction | undefined {
    return this.#functions.get(key);
  }

  runtime(name: string): LullRuntime | undefined {
    return this.#runtimes.get(name);
  }

  // A list of objects leaves apiVersion and kind out of its items; nothing here reads them.
  deployments(key: string): Deployment[] {
    return this.#deployments.byIndex('function', key);
  }

  pods(key: string): Pod[] {
    return this.#pods.byIndex('function', key);
  }

  /**
   * Functions' pods as Prometheus' HTTP service discovery wants them. So Prometheus needs no right in the cluster at all, and a build of it without the
   * Kubernetes discovery (Debian's) does too.
   */
  scrapeTargets(): { targets: string[]; labels: Record<string, string> }[] {
    return this.#pods.list().flatMap((pod) => {
      const { name, namespace = 'default', labels } = pod.metadata;
      const ip = pod.status?.podIP;
      if (!ip || pod.status?.phase !== 'Running') return [];
      return [
        {
          targets: [joinHostPort(ip, BRIDGE_ADMIN_PORT)],
          labels: { namespace, function: labels?.[FUNCTION_LABEL] ?? '', pod: name },
        },
      ];
    });
  }

  /** Every Function with an active revision, for the autoscaler. */
  scalable(): Scalable[] {
    return this.#functions.list().flatMap((fn) => this.#scalable(fn) ?? []);
  }

  /** One of them; undefined when it cannot be scaled (yet). */
  scalableOf(key: string): Scalable | undefined {
    const fn = this.#functions.get(key);
    return fn && this.#scalable(fn);
  }

  /** Addresses of the activators' pods. */
  activatorAddresses(): string[] {
    const endpoints = this.#activators.list().flatMap((slice) => slice.endpoints ?? []);
    return [...new Set(endpoints.filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses))].sort();
  }

  #scalable(fn: LullFunction): Scalable | undefined {
    const active = fn.status?.activeRevision;
    const deployment = active === undefined ? undefined : this.#deployments.get(`${fn.metadata.namespace}/${active}`);
    if (!deployment || fn.metadata.deletionTimestamp) return undefined;
    const { metadata, spec, status } = deployment;
    return { fn, deployment: metadata.name, replicas: spec.replicas ?? 1, ready: status?.readyReplicas ?? 0 };
  }
}
