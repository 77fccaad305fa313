import type { LullFunction } from '../common/api/function.ts';
import { API_VERSION, BRIDGE_ADMIN_PORT, CODE_LABEL, FUNCTION_LABEL, POOL_LABEL } from '../common/api/names.ts';
import type { LullRuntime } from '../common/api/runtime.ts';
import type { LullWarmPool } from '../common/api/warm-pool.ts';
import { joinHostPort } from '../common/host-port.ts';
import { Reflector, type ReflectorObserver } from '../common/kube/reflector.ts';
import { type KubeObject, keyOf, Store } from '../common/kube/store.ts';
import type { KubeTransport } from '../common/kube/transport.ts';
import type { Scalable } from './autoscaler/function-scaler.ts';
import type { CodeReader } from './code/code-keeper.ts';
import type { DirectReader, ServiceView } from './direct/direct-access.ts';
import { SERVICE_LABEL } from './direct/endpoint-slices.ts';
import type { FunctionReader } from './function/cluster.ts';
import type { Deployment, EndpointSlice, Job, Pod } from './function/objects.ts';
import { isReady, isStarting } from './function/pod-state.ts';
import type { WarmReader } from './warm/warm-pools.ts';

const functionKey = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.labels?.[FUNCTION_LABEL]}`;
const byFunction = (object: KubeObject): string[] => [functionKey(object)];
const codeKey = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.labels?.[CODE_LABEL]}`;
const poolKey = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.labels?.[POOL_LABEL]}`;
const byPool = (object: KubeObject): string[] => [poolKey(object)];
/** Few, however many pods there are. */
const byUnready = (pod: Pod): string[] => (isReady(pod) ? [] : ['']);
const byCode = (object: KubeObject): string[] => [codeKey(object)];

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';

/** The ConfigMaps that a function's code and layers are, NAMESPACE/NAME. */
function configMapsOf({ metadata, spec }: LullFunction): string[] {
  const names = [spec.code, ...(spec.layers ?? [])].flatMap(({ configMap }) => configMap?.name ?? []);
  return names.map((name) => `${metadata.namespace}/${name}`);
}

/** The rest of the metadata of all ConfigMaps of a cluster is megabytes. */
function identityOnly({ metadata: { name, namespace, uid, resourceVersion } }: KubeObject): KubeObject {
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

interface HorizontalPodAutoscaler extends KubeObject {
  spec: { scaleTargetRef: { kind: string; name: string } };
}

const targetOf = ({ metadata, spec }: HorizontalPodAutoscaler): string =>
  `${metadata.namespace}/${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`;

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
  /** Its slices, or its Service, have changed. */
  onSlice: (key: string) => void;
  onActivators: () => void;
  /** A WarmPool or one of its pods has changed. */
  onPool: (key: string) => void;
  /** What was applied for it was changed or deleted by somebody. */
  onPoolOwned: (key: string) => void;
}

/** What the operator watches, and what is read from it. */
export class Caches implements FunctionReader, DirectReader, CodeReader, WarmReader {
  readonly #functions = new Store<LullFunction>({
    runtime: (fn) => (fn.spec.runtime === undefined ? [] : [fn.spec.runtime]),
    configMap: configMapsOf,
  });
  readonly #runtimes = new Store<LullRuntime>();
  readonly #deployments = new Store<Deployment>({ function: byFunction });
  readonly #pods = new Store<Pod>({ function: byFunction, unready: byUnready });
  readonly #warmPools = new Store<LullWarmPool>();
  readonly #poolPods = new Store<Pod>({ pool: byPool });
  /** Jobs that fetch code, and their pods. */
  readonly #jobs = new Store<Job>({ function: byCode });
  readonly #codePods = new Store<Pod>({ function: byCode });
  readonly #configMaps = new Store<KubeObject>();
  readonly #slices = new Store<EndpointSlice>({ function: byFunction });
  /** By what they scale: NAMESPACE/KIND/NAME. */
  readonly #hpas = new Store<HorizontalPodAutoscaler>({ target: (hpa) => [targetOf(hpa)] });
  /** Of the activators' control Service. */
  readonly #activators = new Store<EndpointSlice>();
  /** Watched mainly to hear when somebody changes or deletes what was applied. */
  readonly #services = new Store<ServiceView>();
  readonly #policies = new Store<KubeObject>();
  readonly #poolPolicies = new Store<KubeObject>();
  readonly #reflectors: { start(): unknown; stop(): void; readonly hasSynced: boolean; readonly whenSynced: Promise<void> }[];

  constructor({
    transport,
    observer,
    namespace,
    controlService,
    onFunction,
    onOwned,
    onScaled,
    onSlice,
    onActivators,
    onPool,
    onPoolOwned,
  }: CachesOptions) {
    const shared = { transport, observer };
    const slices = '/apis/discovery.k8s.io/v1';
    this.#reflectors = [
      new Reflector({ ...shared, path: `/apis/${API_VERSION}/runtimes`, store: this.#runtimes }),
      new Reflector({ ...shared, path: `/apis/${API_VERSION}/functions`, store: this.#functions }),
      new Reflector({ ...shared, path: '/apis/apps/v1/deployments', labelSelector: FUNCTION_LABEL, store: this.#deployments }),
      new Reflector({ ...shared, path: '/api/v1/pods', labelSelector: FUNCTION_LABEL, store: this.#pods }),
      new Reflector({ ...shared, path: `/apis/${API_VERSION}/warmpools`, store: this.#warmPools }),
      new Reflector({ ...shared, path: '/api/v1/pods', labelSelector: POOL_LABEL, store: this.#poolPods }),
      new Reflector({ ...shared, path: '/apis/batch/v1/jobs', labelSelector: CODE_LABEL, store: this.#jobs }),
      new Reflector({ ...shared, path: '/api/v1/pods', labelSelector: CODE_LABEL, store: this.#codePods }),
      new Reflector({ ...shared, path: '/api/v1/configmaps', metadataOnly: true, keep: identityOnly, store: this.#configMaps }),
      new Reflector({ ...shared, path: '/api/v1/services', labelSelector: FUNCTION_LABEL, store: this.#services }),
      new Reflector({ ...shared, path: POLICIES, labelSelector: FUNCTION_LABEL, store: this.#policies }),
      new Reflector({ ...shared, path: POLICIES, labelSelector: POOL_LABEL, store: this.#poolPolicies }),
      new Reflector({ ...shared, path: `${slices}/endpointslices`, labelSelector: FUNCTION_LABEL, store: this.#slices }),
      new Reflector({
        ...shared,
        path: `${slices}/namespaces/${namespace}/endpointslices`,
        labelSelector: `${SERVICE_LABEL}=${controlService}`,
        store: this.#activators,
      }),
      new Reflector({ ...shared, path: '/apis/autoscaling/v2/horizontalpodautoscalers', store: this.#hpas }),
    ];
    this.#functions.onChange((_kind, fn) => onFunction(keyOf(fn)));
    this.#deployments.onChange((_kind, deployment, old) => {
      onFunction(functionKey(deployment));
      if (old?.spec.replicas !== deployment.spec.replicas) onScaled(functionKey(deployment));
    });
    this.#activators.onChange(() => onActivators());
    for (const owned of [this.#services, this.#policies])
      owned.onChange((kind, object) => (kind === 'added' ? undefined : onOwned(functionKey(object))));
    this.#poolPolicies.onChange((kind, policy) => (kind === 'added' ? undefined : onPoolOwned(poolKey(policy))));
    this.#deployments.onChange((kind, deployment) => (kind === 'deleted' ? onOwned(functionKey(deployment)) : undefined));
    this.#pods.onChange((_kind, pod) => onFunction(functionKey(pod)));
    for (const fetching of [this.#jobs, this.#codePods]) fetching.onChange((_kind, object) => onFunction(codeKey(object)));
    this.#configMaps.onChange((_kind, configMap) => {
      for (const fn of this.#functions.byIndex('configMap', keyOf(configMap))) onFunction(keyOf(fn));
    });
    this.#warmPools.onChange((_kind, pool) => {
      onPool(keyOf(pool));
      for (const fn of this.#functions.byIndex('runtime', pool.spec.runtime))
        if (fn.metadata.namespace === pool.metadata.namespace) onFunction(keyOf(fn));
    });
    this.#poolPods.onChange((_kind, pod) => onPool(poolKey(pod)));
    this.#slices.onChange((_kind, slice) => onSlice(functionKey(slice)));
    this.#services.onChange((_kind, service) => onSlice(functionKey(service)));
    this.#runtimes.onChange((_kind, runtime) => {
      for (const fn of this.#functions.byIndex('runtime', runtime.metadata.name)) onFunction(keyOf(fn));
      for (const pool of this.#warmPools.list()) if (pool.spec.runtime === runtime.metadata.name) onPool(keyOf(pool));
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

  runtimes(): LullRuntime[] {
    return this.#runtimes.list();
  }

  warmPool(key: string): LullWarmPool | undefined {
    return this.#warmPools.get(key);
  }

  warmPools(): LullWarmPool[] {
    return this.#warmPools.list();
  }

  poolPods(key: string): Pod[] {
    return this.#poolPods.byIndex('pool', key);
  }

  // A list of objects leaves apiVersion and kind out of its items; nothing here reads them.
  deployments(key: string): Deployment[] {
    return this.#deployments.byIndex('function', key);
  }

  /** Pods of functions that come up now, in all namespaces. */
  podsStarting(now: number): number {
    return this.#pods.byIndex('unready', '').filter((pod) => isStarting(pod, now)).length;
  }

  pods(key: string): Pod[] {
    return this.#pods.byIndex('function', key);
  }

  functions(): LullFunction[] {
    return this.#functions.list();
  }

  allDeployments(): Deployment[] {
    return this.#deployments.list();
  }

  allCodeJobs(): Job[] {
    return this.#jobs.list();
  }

  codeJobs(key: string): Job[] {
    return this.#jobs.byIndex('function', key);
  }

  codePods(key: string): Pod[] {
    return this.#codePods.byIndex('function', key);
  }

  configMapVersion(namespace: string, name: string): string | undefined {
    return this.#configMaps.get(`${namespace}/${name}`)?.metadata.resourceVersion;
  }

  service(key: string): ServiceView | undefined {
    return this.#services.get(key);
  }

  slices(key: string): EndpointSlice[] {
    return this.#slices.byIndex('function', key);
  }

  activatorSlices(): EndpointSlice[] {
    return this.#activators.list();
  }

  /**
   * Functions' pods as Prometheus' HTTP service discovery wants them. So Prometheus needs no right in the cluster at all, and a build of it without the
   * Kubernetes discovery (Debian's) does too.
   */
  scrapeTargets(): { targets: string[]; labels: Record<string, string> }[] {
    return this.#pods.list().flatMap((pod) => {
      const { name, namespace = 'default', labels, deletionTimestamp } = pod.metadata;
      const ip = pod.status?.podIP;
      // One that ends is asked no more: when it is gone it would be a target that is down, and figures with one of those lower nothing and keep callers from going direct.
      if (!ip || deletionTimestamp || pod.status?.phase !== 'Running') return [];
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
    const hpa =
      this.#hpaOf(`${fn.metadata.namespace}/Function/${fn.metadata.name}`, 'Function') ??
      this.#hpaOf(`${metadata.namespace}/Deployment/${metadata.name}`, 'Deployment');
    return { fn, deployment: metadata.name, replicas: spec.replicas ?? 1, ready: status?.readyReplicas ?? 0, ...(hpa && { hpa }) };
  }

  #hpaOf(target: string, of: 'Function' | 'Deployment'): Scalable['hpa'] {
    const hpa = this.#hpas.byIndex('target', target)[0];
    return hpa && { name: hpa.metadata.name, of };
  }
}
