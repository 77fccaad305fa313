import type { LullFunction } from '../../common/api/function.ts';
import type { Condition } from '../../common/api/meta.ts';
import { FUNCTION_LABEL } from '../../common/api/names.ts';
import { Reflector } from '../../common/kube/reflector.ts';
import { type KubeObject, Store } from '../../common/kube/store.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';
import { History } from './history.ts';

interface Deployment extends KubeObject {
  spec: { replicas?: number };
}

interface Pod extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] };
}

/** A pod's life, in wall-clock milliseconds of when the watch told of it. */
export interface PodLife {
  name: string;
  created: number;
  ready?: number;
  /** When it was asked to end. */
  ending?: number;
  gone?: number;
}

/** A condition, and when the watch told of it. */
export interface SeenCondition extends Condition {
  at: number;
}

/** What a function's objects have been through. */
export class FunctionRecord {
  /** Pods asked for: spec.replicas of its Deployments. */
  readonly asked = new History();
  /** Pods that are Ready and not ending. */
  readonly ready = new History();
  readonly pods = new Map<string, PodLife>();
  readonly conditions: SeenCondition[] = [];
  /** status.scale as it was written, one after another. */
  readonly scales: { at: number; scale: NonNullable<NonNullable<LullFunction['status']>['scale']> }[] = [];

  /** The condition of this type at a time. */
  condition(type: string, time = Number.POSITIVE_INFINITY): SeenCondition | undefined {
    return this.conditions.findLast((condition) => condition.type === type && condition.at <= time);
  }
}

/** Watches the functions of one namespace, their Deployments and pods, and remembers when what changed. */
export class FunctionWatch {
  readonly #records = new Map<string, FunctionRecord>();
  readonly #deployments = new Store<Deployment>();
  readonly #pods = new Store<Pod>();
  readonly #functions = new Store<LullFunction>();
  readonly #reflectors: Reflector<never>[];

  private constructor(transport: KubeTransport, namespace: string) {
    this.#deployments.onChange((_kind, { metadata }) => this.#count(metadata.labels?.[FUNCTION_LABEL]));
    this.#pods.onChange((kind, pod) => this.#live(kind === 'deleted', pod));
    this.#functions.onChange((kind, fn) => (kind === 'deleted' ? undefined : this.#read(fn)));
    const of = <T extends KubeObject>(path: string, store: Store<T>, labelSelector?: string) =>
      new Reflector<T>({ transport, path, store, ...(labelSelector !== undefined && { labelSelector }) });
    this.#reflectors = [
      of(`/apis/apps/v1/namespaces/${namespace}/deployments`, this.#deployments, FUNCTION_LABEL),
      of(`/api/v1/namespaces/${namespace}/pods`, this.#pods, FUNCTION_LABEL),
      of(`/apis/lull.dev/v1alpha1/namespaces/${namespace}/functions`, this.#functions),
    ] as unknown as Reflector<never>[];
  }

  /** Resolves when everything that is there has been listed. */
  static async start(transport: KubeTransport, namespace: string): Promise<FunctionWatch> {
    const watch = new FunctionWatch(transport, namespace);
    await Promise.all(watch.#reflectors.map((reflector) => reflector.start().whenSynced));
    return watch;
  }

  stop(): void {
    for (const reflector of this.#reflectors) reflector.stop();
  }

  of(name: string): FunctionRecord {
    const found = this.#records.get(name) ?? new FunctionRecord();
    this.#records.set(name, found);
    return found;
  }

  #count(name: string | undefined): void {
    if (name === undefined) return;
    const own = this.#deployments.list().filter(({ metadata }) => metadata.labels?.[FUNCTION_LABEL] === name);
    this.of(name).asked.set(
      Date.now(),
      own.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0),
    );
  }

  #live(gone: boolean, pod: Pod): void {
    const fn = pod.metadata.labels?.[FUNCTION_LABEL];
    if (fn === undefined) return;
    const record = this.of(fn);
    const now = Date.now();
    const life = record.pods.get(pod.metadata.name) ?? { name: pod.metadata.name, created: now };
    record.pods.set(life.name, life);
    if (isReady(pod)) life.ready ??= now;
    if (gone || pod.metadata.deletionTimestamp !== undefined) life.ending ??= now;
    if (gone) life.gone ??= now;
    const own = this.#pods.list().filter(({ metadata }) => metadata.labels?.[FUNCTION_LABEL] === fn);
    record.ready.set(now, own.filter((one) => isReady(one) && one.metadata.deletionTimestamp === undefined).length);
  }

  #read(fn: LullFunction): void {
    const record = this.of(fn.metadata.name);
    const at = Date.now();
    for (const condition of fn.status?.conditions ?? []) {
      const before = record.condition(condition.type);
      if (before?.status !== condition.status || before.reason !== condition.reason || before.message !== condition.message)
        record.conditions.push({ ...condition, at });
    }
    const scale = fn.status?.scale;
    if (scale && JSON.stringify(scale) !== JSON.stringify(record.scales.at(-1)?.scale)) record.scales.push({ at, scale });
  }
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
