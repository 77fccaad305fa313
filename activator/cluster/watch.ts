import type { LullFunction } from '../../common/api/function.ts';
import { API_VERSION, FUNCTION_LABEL } from '../../common/api/names.ts';
import { joinHostPort } from '../../common/host-port.ts';
import { Reflector, type ReflectorObserver } from '../../common/kube/reflector.ts';
import { type KubeObject, keyOf, Store } from '../../common/kube/store.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import type { FunctionState } from '../function-state.ts';
import type { DeploymentView, FunctionTable, PodView } from '../function-table.ts';

interface EndpointSlice extends KubeObject {
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
}

export interface ClusterViewOptions {
  transport: KubeTransport;
  table: () => FunctionTable;
  namespace: string;
  controlService: string;
  controlPort: number;
  /** This activator's own address, which is not a peer. */
  podIp: string;
  peersChanged: () => void;
  observer: ReflectorObserver;
}

const byFunction = (object: KubeObject): string[] => [`${object.metadata.namespace}/${object.metadata.labels?.[FUNCTION_LABEL]}`];

/** What the activator watches, as plain JSON: Functions, their Deployments and pods, and its own peers. It tells the table of every change. */
export class ClusterView {
  readonly #options: ClusterViewOptions;
  readonly #functions = new Store<LullFunction>();
  readonly #deployments = new Store<DeploymentView & KubeObject>({ function: byFunction });
  readonly #pods = new Store<PodView & KubeObject>({ function: byFunction });
  readonly #peers = new Store<EndpointSlice>();
  readonly #reflectors: { start(): unknown; stop(): void; readonly hasSynced: boolean; readonly whenSynced: Promise<void> }[];

  constructor(options: ClusterViewOptions) {
    this.#options = options;
    const { transport, observer, table } = options;
    const shared = { transport, observer };
    this.#reflectors = [
      new Reflector({ ...shared, path: `/apis/${API_VERSION}/functions`, store: this.#functions }),
      new Reflector({ ...shared, path: '/apis/apps/v1/deployments', labelSelector: FUNCTION_LABEL, store: this.#deployments }),
      new Reflector({ ...shared, path: '/api/v1/pods', labelSelector: FUNCTION_LABEL, store: this.#pods }),
      new Reflector({
        ...shared,
        path: `/apis/discovery.k8s.io/v1/namespaces/${options.namespace}/endpointslices`,
        labelSelector: `kubernetes.io/service-name=${options.controlService}`,
        store: this.#peers,
      }),
    ];
    this.#functions.onChange((kind, fn) => (kind === 'deleted' ? table().functionRemoved(keyOf(fn)) : table().functionChanged(fn)));
    this.#deployments.onChange((kind, deployment) => table().deploymentChanged(deployment, kind === 'deleted'));
    this.#pods.onChange((kind, pod) => table().podChanged(pod, kind === 'deleted'));
    this.#peers.onChange(() => options.peersChanged());
  }

  start(): void {
    for (const reflector of this.#reflectors) reflector.start();
  }

  stop(): void {
    for (const reflector of this.#reflectors) reflector.stop();
  }

  get hasSynced(): boolean {
    return this.#reflectors.every(({ hasSynced }) => hasSynced);
  }

  /** Tells the table what was seen of a function before the function itself was. */
  replay(fn: FunctionState): void {
    const table = this.#options.table();
    for (const deployment of this.#deployments.byIndex('function', fn.key)) table.deploymentChanged(deployment, false);
    for (const pod of this.#pods.byIndex('function', fn.key)) table.podChanged(pod, false);
  }

  /** HOST:PORT of the other activators' control ports. */
  peers(): string[] {
    const { podIp, controlPort } = this.#options;
    const addresses = this.#peers
      .list()
      .flatMap(({ endpoints }) =>
        (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses),
      );
    return [...new Set(addresses)]
      .filter((address) => address !== podIp)
      .sort()
      .map((address) => joinHostPort(address, controlPort));
  }
}
