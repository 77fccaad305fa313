import type { LullFunction } from '../common/api/function.ts';
import type { FunctionStatus, ScaleStatus, WarmStatus } from '../common/api/function-status.ts';
import type { Condition } from '../common/api/meta.ts';
import { API_VERSION, DELETION_COST } from '../common/api/names.ts';
import type { LullWarmPool, WarmPoolStatus } from '../common/api/warm-pool.ts';
import type { KubeTransport } from '../common/kube/transport.ts';
import type { CodeWriter } from './code/code-keeper.ts';
import type { DirectWriter } from './direct/direct-access.ts';
import type { FunctionWriter } from './function/cluster.ts';
import type { Deployment, EndpointSlice, Job, KubeObject } from './function/objects.ts';
import { annotate, apply, change, create, read, remove, resize, scale } from './kube/apply.ts';
import type { EventRecorder } from './kube/events.ts';
import type { WarmWriter } from './warm/warm-pools.ts';

/** Field managers: whoever writes a field owns it, so each writer has a name of its own. `replicas` belongs to the last of them (docs/adr/0001). */
const MANAGER = 'lull-operator';
const STATUS_MANAGER = 'lull-operator-status';
const AUTOSCALER_MANAGER = 'lull-autoscaler';
const SCALE_MANAGER = 'lull-scale';
const DIRECT_MANAGER = 'lull-direct';
const CODE_MANAGER = 'lull-code';
const WARM_MANAGER = 'lull-warm';

const API_VERSIONS = { Service: 'v1', NetworkPolicy: 'networking.k8s.io/v1' } as const;

/** Writes for the function controller, for fetching code and for direct access, and the autoscaler's share of the status. */
export class Writer implements FunctionWriter, DirectWriter, CodeWriter, WarmWriter {
  readonly #transport: KubeTransport;
  readonly #events: EventRecorder;

  constructor(transport: KubeTransport, events: EventRecorder) {
    this.#transport = transport;
    this.#events = events;
  }

  read(kind: 'Service' | 'NetworkPolicy', namespace: string, name: string): Promise<KubeObject | undefined> {
    return read<KubeObject>(this.#transport, { apiVersion: API_VERSIONS[kind], kind, metadata: { name, namespace } });
  }

  async createRevision(deployment: Deployment, snapshot: KubeObject | undefined): Promise<void> {
    if (snapshot) await create(this.#transport, snapshot, MANAGER);
    await create(this.#transport, { ...deployment, spec: { ...deployment.spec, replicas: 0 } } as KubeObject, SCALE_MANAGER);
  }

  async apply(object: KubeObject): Promise<void> {
    await apply(this.#transport, object, MANAGER);
  }

  async removeRevision(namespace: string, name: string): Promise<void> {
    for (const kind of ['Deployment', 'ControllerRevision'])
      await remove(this.#transport, { apiVersion: 'apps/v1', kind, metadata: { name, namespace } });
  }

  removePod(namespace: string, name: string): Promise<void> {
    return remove(this.#transport, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } });
  }

  resizePod(namespace: string, name: string, patch: object): Promise<void> {
    return resize(this.#transport, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } }, patch, MANAGER);
  }

  createJob(job: Job): Promise<boolean> {
    return create(this.#transport, job, CODE_MANAGER);
  }

  removeJob(namespace: string, name: string): Promise<void> {
    return remove(this.#transport, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace } });
  }

  scale(namespace: string, deployment: string, from: number, to: number): Promise<boolean> {
    return scale(this.#transport, namespace, deployment, from, to);
  }

  async writeStatus(fn: LullFunction, status: FunctionStatus): Promise<void> {
    await this.#applyStatus(fn, status, STATUS_MANAGER);
  }

  async writeScaleStatus(fn: LullFunction, scale: ScaleStatus, condition: Condition): Promise<void> {
    await this.#applyStatus(fn, { scale, conditions: [condition] }, AUTOSCALER_MANAGER);
  }

  /** Which pod a scale-down takes first; nothing happens when the pod is gone. */
  async writeDeletionCost(namespace: string, pod: string, cost: number): Promise<void> {
    const metadata = { name: pod, namespace, annotations: { [DELETION_COST]: String(cost) } };
    await annotate(this.#transport, { apiVersion: 'v1', kind: 'Pod', metadata }, AUTOSCALER_MANAGER);
  }

  async applySlice(slice: EndpointSlice): Promise<void> {
    await apply(this.#transport, slice, DIRECT_MANAGER);
  }

  removeSlice(namespace: string, name: string): Promise<void> {
    return remove(this.#transport, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name, namespace } });
  }

  async writeDirectStatus(fn: LullFunction, status: { direct: boolean; reason: string } | undefined): Promise<void> {
    await this.#applyStatus(fn, status ? { directAccess: status.direct, directAccessReason: status.reason } : {}, DIRECT_MANAGER);
  }

  createPod(pod: KubeObject): Promise<boolean> {
    return create(this.#transport, pod, WARM_MANAGER);
  }

  adoptPod(namespace: string, name: string, metadata: object): Promise<void> {
    return change(this.#transport, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } }, { metadata }, WARM_MANAGER);
  }

  removePool(namespace: string, name: string): Promise<void> {
    return remove(this.#transport, { apiVersion: API_VERSION, kind: 'WarmPool', metadata: { name, namespace } });
  }

  writePoolStatus(pool: LullWarmPool, status: WarmPoolStatus): Promise<void> {
    return this.#applyStatusOf('WarmPool', pool, status, WARM_MANAGER);
  }

  async writeWarmStatus(fn: LullFunction, status: WarmStatus | undefined): Promise<void> {
    await this.#applyStatus(fn, status ? { warm: status } : {}, WARM_MANAGER);
  }

  event(fn: LullFunction, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.record({ apiVersion: API_VERSION, kind: 'Function', metadata: fn.metadata }, type, reason, message);
  }

  #applyStatus(fn: LullFunction, status: FunctionStatus, manager: string): Promise<void> {
    return this.#applyStatusOf('Function', fn, status, manager);
  }

  async #applyStatusOf(kind: 'Function' | 'WarmPool', of: LullFunction | LullWarmPool, status: object, manager: string): Promise<void> {
    const { name, namespace, uid } = of.metadata;
    // With the uid, so that what was deleted meanwhile is not made anew by its own status.
    const metadata = { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) };
    const object = { apiVersion: API_VERSION, kind, metadata, status };
    await apply(this.#transport, object, manager, 'status');
  }
}
