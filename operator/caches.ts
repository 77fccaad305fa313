import type { LullFunction } from '../common/api/function.ts';
import { API_VERSION, BRIDGE_ADMIN_PORT, FUNCTION_LABEL } from '../common/api/names.ts';
import type { LullRuntime } from '../common/api/runtime.ts';
import { joinHostPort } from '../common/host-port.ts';
import { Reflector, type ReflectorObserver } from '../common/kube/reflector.ts';
import { type KubeObject, keyOf, Store } from '../common/kube/store.ts';
import type { KubeTransport } from '../common/kube/transport.ts';
import type { Scalable } from './autoscaler/autoscaler.ts';
import type { FunctionReader } from './function/cluster.ts';
import type { Deployment, Pod } from './function/objects.ts';

const functionKey = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.labels?.[FUNCTION_LABEL]}`;
const byFunction = (object: KubeObject): string[] => [functionKey(object)];

/** What the operator watches, and what is read from it. `onFunction` is called with the key of a Function whenever anything that concerns it changes. */
export class Caches implements FunctionReader {
  readonly #functions = new Store<LullFunction>({ runtime: (fn) => (fn.spec.runtime === undefined ? [] : [fn.spec.runtime]) });
  readonly #runtimes = new Store<LullRuntime>();
  readonly #deployments = new Store<Deployment>({ function: byFunction });
  readonly #pods = new Store<Pod>({ function: byFunction });
  /** Watched only to hear when somebody changes or deletes what was applied. */
  readonly #services = new Store<KubeObject>();
  readonly #policies = new Store<KubeObject>();
  readonly #reflectors: { start(): unknown; stop(): void; readonly hasSynced: boolean; readonly whenSynced: Promise<void> }[];

  constructor(transport: KubeTransport, observer: ReflectorObserver, onFunction: (key: string) => void, onOwned: (key: string) => void) {
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
    ];
    this.#functions.onChange((_kind, fn) => onFunction(keyOf(fn)));
    this.#deployments.onChange((_kind, deployment) => onFunction(functionKey(deployment)));
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
    return this.#functions.list().flatMap((fn) => {
      const active = fn.status?.activeRevision;
      const deployment = active === undefined ? undefined : this.#deployments.get(`${fn.metadata.namespace}/${active}`);
      if (!deployment || fn.metadata.deletionTimestamp) return [];
      return [{ fn, deployment: deployment.metadata.name, replicas: deployment.spec.replicas ?? 1 }];
    });
  }
}
