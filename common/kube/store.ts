import type { ObjectMeta } from '../api/meta.ts';

/** What every object of the API has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

export type ChangeKind = 'added' | 'updated' | 'deleted';

/** Told after the store has changed. `old` is what was stored before: undefined when added, the last known state when deleted. */
export type ChangeListener<T> = (kind: ChangeKind, object: T, old: T | undefined) => void;

/** The values under which an object is found in an index. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** `namespace/name`, or `name` of a cluster-scoped object. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * The objects of one kind as last seen, by `namespace/name` and by indexes. Written by a Reflector, read by everyone else; what is read must not be
 * changed, for it is everyone's.
 */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, { of: IndexFunction<T>; keys: Map<string, Set<string>> }>();
  readonly #listeners = new Set<ChangeListener<T>>();

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
    for (const [name, of] of Object.entries(indexes)) this.#indexes.set(name, { of, keys: new Map() });
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  /** The objects that index `name` has under `value`. Throws for an index that was never declared. */
  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index named ${name}`);
    const found: T[] = [];
    for (const key of index.keys.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** Hears of every change from now on; the result ends it. What a listener throws reaches nobody but the process's uncaughtException. */
  onChange(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds or updates. The same resourceVersion again is no change: watches repeat events after a reconnect. */
  set(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old !== undefined && isSame(old, object)) return;
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      this.#recreate(key, object);
      return;
    }
    if (old !== undefined) this.#unindex(key, old);
    this.#objects.set(key, object);
    this.#index(key, object);
    this.#tell(old === undefined ? 'added' : 'updated', object, old);
  }

  /** Deletes; nothing happens when it is not there. Listeners get `last` (its final state) when given, and what was stored as `old`. */
  delete(key: string, last?: T): void {
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    this.#unindex(key, old);
    this.#tell('deleted', last ?? old, old);
  }

  /** Makes the store hold exactly these; listeners hear of the differences, deletions that nobody was told of included. */
  replace(objects: readonly T[]): void {
    const keys = new Set(objects.map(keyOf));
    for (const key of this.keys()) if (!keys.has(key)) this.delete(key);
    for (const object of objects) this.set(object);
  }

  /** Deleted and made anew under the same name while nobody looked: both must be heard of, for what was owned by the old one is gone. */
  #recreate(key: string, object: T): void {
    this.delete(key);
    this.set(object);
  }

  #index(key: string, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of of(object)) {
        const set = keys.get(value);
        if (set === undefined) keys.set(value, new Set([key]));
        else set.add(key);
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of of(object)) {
        const set = keys.get(value);
        set?.delete(key);
        if (set?.size === 0) keys.delete(value);
      }
    }
  }

  #tell(kind: ChangeKind, object: T, old: T | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(kind, object, old);
      } catch (error) {
        // A bug must be loud, but must neither keep the others from hearing of the change nor look like a broken watch.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return (
    a.metadata.resourceVersion !== undefined &&
    a.metadata.resourceVersion === b.metadata.resourceVersion &&
    a.metadata.uid === b.metadata.uid
  );
}
