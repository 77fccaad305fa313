import type { LullFunction } from '../common/api/function.ts';
import { API_VERSION, BRIDGE_ADMIN_PORT, FUNCTION_LABEL } from '../common/api/names.ts';
import type { LullRuntime } from '../common/api/runtime.ts';
import { joinHostPort } from '../common/host-port.ts';
import { Reflector, type ReflectorObserver } from '../common/kube/reflector.ts';
import { type KubeObject, keyOf, Store } from '../common/kube/store.ts';
import type { KubeTransport } from '../common/kube/transport.ts';
import type { Scalable } from './autoscaler/autoscaler.ts';
import type { DirectReader, ServiceView } from './direct/direct-access.ts';
import { SERVICE_LABEL } from './direct/endpoint-slices.ts';
import type { FunctionReader } from './function/cluster.ts';
import type { Deployment, EndpointSlice, Pod } from './function/objects.ts';

const functionKey = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.labels?.[FUNCTION_LABEL]}`;
const byFunction = (object: KubeObject): string[] => [functionKey(object)];

export interface CachesOptions {
  transport: KubeTransport;
  observer: ReflectorObserver;
  /** Where the activators run, and the name of the Service that takes their requests. */
  namespace: string;
  activatorService: string;
  /** Something that concerns the Function of this key has changed. */
  onFunction: (key: string) => void;
  /** Something that was applied for it was changed, or deleted. */
  onOwned: (key: string) => void;
  /** Its slices have changed. */
  onSlice: (key: string) => void;
  onActivators: () => void;
}

/** What the operator watches, and what is read from it. */
export class Caches implements FunctionReader, DirectReader {
  readonly #functions = new Store<LullFunction>({ runtime: (fn) => (fn.spec.runtime === undefined ? [] : [fn.spec.runtime]) });
  readonly #runtimes = new Store<LullRuntime>();
  readonly #deployments = new Store<Deployment>({ function: byFunction });
  readonly #pods = new Store<Pod>({ function: byFunction });
  readonly #slices = new Store<EndpointSlice>({ function: byFunction });
  readonly #activatorSlices = new Store<EndpointSlice>();
  /** Watched mainly to hear when somebody changes or deletes what was applied. */
  readonly #services = new Store<ServiceView>();
  readonly #policies = new Store<KubeObject>();
  readonly #reflectors: { start(): unknown; stop(): void; readonly hasSynced: boolean; readonly whenSynced: Promise<void> }[];

  constructor({ transport, observer, namespace, activatorService, onFunction, onOwned, onSlice, onActivators }: CachesOptions) {
    const shared = { transport, observer };
    const slices = '/apis/discovery.k8s.io/v1';
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
      new Reflector({ ...shared, path: `${slices}/endpointslices`, labelSelector: FUNCTION_LABEL, store: this.#slices }),
      new Reflector({
        ...shared,
        path: `${slices}/namespaces/${namespace}/endpointslices`,
        labelSelector: `${SERVICE_LABEL}=${activatorService}`,
        store: this.#activatorSlices,
      }),
    ];
    this.#functions.onChange((_kind, fn) => onFunction(keyOf(fn)));
    this.#deployments.onChange((_kind, deployment) => onFunction(functionKey(deployment)));
    for (const owned of [this.#services, this.#policies])
      owned.onChange((kind, object) => (kind === 'added' ? undefined : onOwned(functionKey(object))));
    this.#deployments.onChange((kind, deployment) => (kind === 'deleted' ? onOwned(functionKey(deployment)) : undefined));
    this.#pods.onChange((_kind, pod) => onFunction(functionKey(pod)));
    this.#slices.onChange((_kind, slice) => onSlice(functionKey(slice)));
    this.#services.onChange((_kind, service) => onSlice(functionKey(service)));
    this.#activatorSlices.onChange(() => onActivators());
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

  service(key: string): ServiceView | undefined {
    return this.#services.get(key);
  }

  slices(key: string): EndpointSlice[] {
    return this.#slices.byIndex('function', key);
  }

  activatorSlices(): EndpointSlice[] {
    return this.#activatorSlices.list();
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
    return this.#functions.list().flatMap((fn) => {
      const active = fn.status?.activeRevision;
      const deployment = active === undefined ? undefined : this.#deployments.get(`${fn.metadata.namespace}/${active}`);
      if (!deployment || fn.metadata.deletionTimestamp) return [];
      return [{ fn, deployment: deployment.metadata.name, replicas: deployment.spec.replicas ?? 1 }];
    });
  }
}
