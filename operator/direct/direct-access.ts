import { isDeepStrictEqual } from 'node:util';
import { effectiveSpec } from '../../common/api/defaults.ts';
import type { LullFunction } from '../../common/api/function.ts';
import { CONCURRENCY_ANNOTATION } from '../../common/api/names.ts';
import type { KubeObject } from '../../common/kube/store.ts';
import type { Deployment, EndpointSlice, Pod } from '../function/objects.ts';
import { type DirectObservation, type DirectState, decideDirect } from './decide-direct.ts';
import { directPods, endpointSlices } from './endpoint-slices.ts';
import type { DirectAccessMetrics } from './metrics.ts';

/** A Service, as far as it is read. */
export type ServiceView = KubeObject & { spec?: { type?: string } };

/** What is read: caches. Keys are NAMESPACE/NAME. */
export interface DirectReader {
  function(key: string): LullFunction | undefined;
  functionKeys(): string[];
  deployments(key: string): Deployment[];
  pods(key: string): Pod[];
  /** The function's Service, if there is one. */
  service(key: string): ServiceView | undefined;
  /** The function's slices, and those of the activators' control Service. */
  slices(key: string): EndpointSlice[];
  activatorSlices(): EndpointSlice[];
}

/** What is written. Every method throws when the API server refuses or cannot be reached; the queue then tries again. */
export interface DirectWriter {
  applySlice(slice: EndpointSlice): Promise<void>;
  removeSlice(namespace: string, name: string): Promise<void>;
  /** Undefined: the status says nothing of it any more. */
  writeDirectStatus(fn: LullFunction, status: { direct: boolean; reason: string } | undefined): Promise<void>;
  event(fn: LullFunction, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface DirectAccessOptions {
  read: DirectReader;
  write: DirectWriter;
  /** Sees that `reconcile` is called for the key after so long. */
  again: (key: string, afterMillis: number) => void;
  metrics: Pick<DirectAccessMetrics, 'report'>;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** An autoscaler that has said nothing for so long, five ticks, does not follow demand: callers go back to the activators. */
const SILENCE_MILLIS = 10_000;

/**
 * Leads in-cluster callers of functions with spec.scale.directAccess auto to the pods while these have room to spare, and to the activators otherwise: it decides by
 * what the autoscaler observes, and keeps the slices of the function's Service (docs/adr/0009).
 *
 * What it remembers is lost with the process; a new leader begins with the activators, which is always right. `reconcile` is given a key only and is idempotent.
 */
export class DirectAccess {
  readonly #options: DirectAccessOptions;
  readonly #states = new Map<string, DirectState>();
  readonly #observations = new Map<string, { observation: DirectObservation | undefined; at: number }>();

  constructor(options: DirectAccessOptions) {
    this.#options = options;
  }

  /** The autoscaler has looked: called at each of its ticks for each function. */
  follow(fn: LullFunction, observation: DirectObservation | undefined): void {
    if (!effectiveSpec(fn.spec).directAccess) return;
    const key = keyOf(fn);
    this.#observations.set(key, { observation, at: this.#options.now() });
    this.#options.again(key, 0);
  }

  /** Something that concerns the function has changed. */
  changed(key: string): void {
    const { read, again } = this.#options;
    const fn = read.function(key);
    if ((fn && effectiveSpec(fn.spec).directAccess) || read.slices(key).length > 0 || this.#states.has(key)) again(key, 0);
  }

  /** The activators' endpoints have changed. */
  activatorsChanged(): void {
    for (const key of this.#options.read.functionKeys()) this.changed(key);
  }

  /** Before the function's Service becomes one without a selector: with nothing behind it, it would refuse its callers. */
  async prepare(fn: LullFunction): Promise<void> {
    const { read, write } = this.#options;
    if (!effectiveSpec(fn.spec).directAccess || read.slices(keyOf(fn)).length > 0) return;
    for (const slice of endpointSlices(fn, read.activatorSlices(), undefined)) await write.applySlice(slice);
  }

  async reconcile(key: string): Promise<void> {
    const { read, metrics } = this.#options;
    const fn = read.function(key);
    if (!fn || fn.metadata.deletionTimestamp) {
      // The slices go by their owner references.
      this.#forget(key);
      return;
    }
    const service = read.service(key);
    const isOwn = service?.metadata.ownerReferences?.some(({ uid }) => uid === fn.metadata.uid) === true;
    const hasAddress = isOwn && service?.spec?.type === 'ClusterIP';
    if (!effectiveSpec(fn.spec).directAccess) {
      this.#forget(key);
      // Its callers still need the slices until the Service is an alias again.
      if (hasAddress) await this.#write(fn, key, undefined);
      else await this.#remove(read.slices(key));
      await this.#tell(fn, undefined);
      return;
    }
    // Somebody else's Service of that name is not to be given endpoints.
    if (!isOwn) return;
    const pods = directPods(fn, read.pods(key));
    const before = this.#states.get(key) ?? { direct: false };
    const { state, reason } = decideDirect(before, this.#subject(fn, key, pods), this.#options.now());
    await this.#write(fn, key, state.direct ? pods : undefined);
    this.#states.set(key, state);
    metrics.report(fn.metadata.namespace ?? 'default', fn.metadata.name, state.direct);
    if (state.direct) this.#options.again(key, SILENCE_MILLIS);
    await this.#tell(fn, { direct: state.direct, reason });
  }

  #subject(fn: LullFunction, key: string, pods: readonly Pod[]) {
    const seen = this.#observations.get(key);
    const observation = seen && this.#options.now() - seen.at < SILENCE_MILLIS ? seen.observation : undefined;
    const active = this.#options.read.deployments(key).find(({ metadata }) => metadata.name === fn.status?.activeRevision);
    const concurrency = Number(active?.metadata.annotations?.[CONCURRENCY_ANNOTATION] ?? effectiveSpec(fn.spec).concurrency);
    return { ready: pods.length, capacity: pods.length * concurrency, observation };
  }

  /** Writes the slices that are not as they should be, and removes those of families that are not in use. */
  async #write(fn: LullFunction, key: string, pods: readonly Pod[] | undefined): Promise<void> {
    const { read, write } = this.#options;
    const there = new Map(read.slices(key).map((slice) => [slice.metadata.name, slice]));
    for (const slice of endpointSlices(fn, read.activatorSlices(), pods)) {
      const { name } = slice.metadata;
      if (!isSame(slice, there.get(name))) await write.applySlice(slice);
      there.delete(name);
    }
    // None at all: the activators are not known at the moment, and what there is of them is better than nothing.
    if (read.activatorSlices().length > 0) await this.#remove([...there.values()]);
  }

  async #remove(slices: readonly EndpointSlice[]): Promise<void> {
    for (const { metadata } of slices) await this.#options.write.removeSlice(metadata.namespace ?? 'default', metadata.name);
  }

  /** After the slices: the activators ask connections to leave by what the status says. */
  async #tell(fn: LullFunction, now: { direct: boolean; reason: string } | undefined): Promise<void> {
    const { write } = this.#options;
    const { directAccess: before, directAccessReason: why = '' } = fn.status ?? {};
    if (before === now?.direct && (!now || withoutFigures(why) === withoutFigures(now.reason))) return;
    await write.writeDirectStatus(fn, now);
    if (now?.direct && !before)
      write.event(fn, 'Normal', 'DirectAccessOn', `callers in the cluster reach the pods directly: ${now.reason}`);
    else if (now && !now.direct && before)
      write.event(fn, 'Normal', 'DirectAccessOff', `callers in the cluster go by the activators again: ${now.reason}`);
  }

  #forget(key: string): void {
    const [namespace, name] = key.split('/') as [string, string];
    if (this.#states.delete(key)) this.#options.metrics.report(namespace, name, undefined);
    this.#observations.delete(key);
  }
}

/** Whether what is stored is what is wanted, whatever the API server has put in besides. */
function isSame(wanted: EndpointSlice, stored: EndpointSlice | undefined): boolean {
  if (!stored) return false;
  const essence = ({ addressType, endpoints, ports, metadata: { labels = {}, ownerReferences } }: EndpointSlice) => ({
    addressType,
    endpoints: endpoints ?? [],
    ports: ports ?? [],
    labels: Object.fromEntries(Object.keys(wanted.metadata.labels ?? {}).map((name) => [name, labels[name]])),
    owner: ownerReferences?.[0]?.uid,
  });
  return isDeepStrictEqual(essence(wanted), essence(stored));
}

function keyOf(fn: LullFunction): string {
  return `${fn.metadata.namespace}/${fn.metadata.name}`;
}

function withoutFigures(reason: string): string {
  return reason.replace(/[\d.]+/g, '#');
}
