import type { LullFunction } from '../common/api/function.ts';
import type { Resources } from '../common/api/meta.ts';
import {
  CONCURRENCY_ANNOTATION,
  FUNCTION_CONTAINER,
  FUNCTION_LABEL,
  POOL_LABEL,
  REVISION_LABEL,
  TIMEOUT_ANNOTATION,
} from '../common/api/names.ts';
import { type FunctionContext, FunctionState } from './function-state.ts';
import { Pod } from './pods/pod.ts';
import type { ContainerVariable } from './warm/environment.ts';

/** A Deployment, as the activator reads it. */
export interface DeploymentView {
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { replicas?: number; template?: { spec?: { containers?: { name: string; resources?: Resources; env?: ContainerVariable[] }[] } } };
}

/** A pod, as the activator reads it. */
export interface PodView {
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; deletionTimestamp?: string };
  spec?: { nodeName?: string; containers?: { name: string; ports?: { name?: string; containerPort: number }[] }[] };
  status?: { podIP?: string; conditions?: { type: string; status: string }[] };
}

/** What the table tells about. */
export interface TableEvents {
  /** A function came to be known; its Deployments and pods may have been seen before it was, and are to be told again. */
  added(fn: FunctionState): void;
  removed(fn: FunctionState): void;
}

/** Every function that the activator serves, kept by what it watches: Functions, their Deployments and their pods. */
export class FunctionTable {
  readonly #functions = new Map<string, FunctionState>();
  readonly #context: FunctionContext;
  readonly #events: TableEvents;

  constructor(context: FunctionContext, events: TableEvents) {
    this.#context = context;
    this.#events = events;
  }

  get(key: string): FunctionState | undefined {
    return this.#functions.get(key);
  }

  readonly has = (key: string): boolean => this.#functions.has(key);

  values(): Iterable<FunctionState> {
    return this.#functions.values();
  }

  functionChanged(object: LullFunction): void {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (object.metadata.deletionTimestamp) {
      this.functionRemoved(key);
      return;
    }
    const known = this.#functions.get(key);
    if (known) {
      known.update(object);
      return;
    }
    const fn = new FunctionState(object, this.#context);
    this.#functions.set(key, fn);
    this.#events.added(fn);
  }

  functionRemoved(key: string): void {
    const fn = this.#functions.get(key);
    if (!fn) return;
    this.#functions.delete(key);
    fn.gone = true;
    fn.refuseAll('FunctionDeleted');
    for (const pod of fn.pods.values()) {
      // Nobody else may have it, and the API may not know yet whose it was.
      if (pod.pool !== '') pod.say?.({ type: 'retire' });
      pod.close();
    }
    this.#events.removed(fn);
  }

  deploymentChanged(object: DeploymentView, deleted: boolean): void {
    const fn = this.#owner(object);
    const revision = object.metadata.labels?.[REVISION_LABEL];
    if (!fn || !revision) return;
    if (deleted) {
      fn.revisions.delete(revision);
      fn.told.delete(revision);
      return;
    }
    const annotations = object.metadata.annotations ?? {};
    const container = object.spec?.template?.spec?.containers?.find(({ name }) => name === FUNCTION_CONTAINER);
    const replicas = object.spec?.replicas ?? 1;
    const known = fn.revisions.get(revision);
    fn.revisions.set(revision, {
      replicas,
      awakeAt: replicas > 0 || (known && known.replicas > 0) ? this.#context.clock() : known?.awakeAt,
      concurrency: Number(annotations[CONCURRENCY_ANNOTATION] ?? fn.spec.concurrency),
      timeoutSeconds: Number(annotations[TIMEOUT_ANNOTATION] ?? fn.spec.timeoutSeconds),
      limits: container?.resources?.limits,
      variables: container?.env,
    });
    fn.pump();
  }

  podChanged(object: PodView, deleted: boolean): void {
    const fn = this.#owner(object);
    const revision = object.metadata.labels?.[REVISION_LABEL];
    if (!fn || !revision) return;
    const known = fn.pods.get(object.metadata.name);
    if (deleted || object.metadata.deletionTimestamp) {
      if (known) {
        known.deleting = true;
        known.draining = true;
      }
      if (deleted) this.removePod(fn, object.metadata.name);
      return;
    }
    if (object.spec?.nodeName && fn.coldStart) fn.coldStart.bound ??= this.#context.clock();
    const ready = object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
    const ip = object.status?.podIP;
    if (known) known.apiReady = ready;
    // One that was claimed ends by its own; what it was is only known from its announcement.
    else if (object.metadata.labels?.[POOL_LABEL] !== undefined) return;
    else if (ready && ip) {
      // It is Ready and has not announced itself (to this activator, yet): the repair.
      const port = object.spec?.containers
        ?.flatMap((container) => container.ports ?? [])
        .find(({ name }) => name === 'http')?.containerPort;
      const pod = this.addPod(fn, { name: object.metadata.name, revision, ip, port: port ?? 8080 });
      pod.apiReady = true;
      pod.listens();
    }
    fn.pump();
  }

  /** The pod by that name and address; one that came back under another address is a new one. */
  addPod(fn: FunctionState, address: { name: string; revision: string; ip: string; port: number }): Pod {
    const known = fn.pods.get(address.name);
    if (known && known.ip === address.ip && known.port === address.port) return known;
    known?.close();
    const slots = fn.revisions.get(address.revision)?.concurrency ?? fn.spec.concurrency;
    const pod = new Pod(address, slots, this.#context.clock, () => (fn.queue.length > 0 ? fn.pump() : undefined));
    fn.pods.set(address.name, pod);
    this.#context.podAdded(pod);
    return pod;
  }

  removePod(fn: FunctionState, name: string): void {
    fn.pods.get(name)?.close();
    fn.pods.delete(name);
    if (fn.pods.size === 0) fn.coldStart = undefined;
  }

  #owner(object: DeploymentView | PodView): FunctionState | undefined {
    return this.#functions.get(`${object.metadata.namespace}/${object.metadata.labels?.[FUNCTION_LABEL]}`);
  }
}
