import { type Clock, sleep, systemClock } from './clock.ts';
import { isGone, KubeError } from './kube-error.ts';
import { type KubeObject, keyOf, type Store } from './store.ts';
import type { KubeTransport } from './transport.ts';

/** What happens to a reflector, for whoever counts it. */
export interface ReflectorObserver {
  /** A list or watch failed and is tried again. */
  failed?(error: unknown): void;
  /** A whole list was taken; `missed` objects differed from what watching had told (after the first list). */
  listed?(objects: number, missed: number): void;
  /** A watch ended, of itself or by silence, and goes on from where it was. */
  reconnected?(): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  transport: KubeTransport;
  /** The collection, such as `/apis/apps/v1/deployments`. */
  path: string;
  labelSelector?: string;
  fieldSelector?: string;
  store: Store<T>;
  /** Ask for the objects' metadata only (Kubernetes' PartialObjectMetadata). */
  metadataOnly?: boolean;
  /** What of an object is stored; all of it when left out. */
  keep?: (object: T) => T;
  observer?: ReflectorObserver;
  clock?: Clock;
  /** A watch that says nothing for this long, bookmarks included, is taken for dead; the server sends bookmarks about once a minute. */
  silenceMillis?: number;
  /** A whole list this often, whatever watching says: events that were missed are counted and mended (pepr's ADR on missed events). */
  relistMillis?: number;
  random?: () => number;
}

interface ListBody<T> {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: T[];
}

interface WatchLine<T> {
  type?: string;
  object?: T & { code?: number };
}

/** The Accept header for it. */
const metadata = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

const PAGE = 500;
/** The server ends a watch itself a little earlier than this. */
const WATCH_SECONDS = 290;
const BACKOFF_MIN_MILLIS = 100;
const BACKOFF_MAX_MILLIS = 10_000;

/**
 * Keeps a Store equal to a collection: list, then watch from there, for ever.
 *
 * It survives what client-node's ListWatch stops at (STYLE.md, fact 4): refused and broken connections, an API server that restarts, ERROR events, 410
 * (lists again), silence (reconnects), lines that are not JSON (lists again). It tries again with jittered back-off from 0.1 to 10 s, never gives up and
 * never loops hot.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #synced = false;
  #failures = 0;
  #resourceVersion: string | undefined;
  #listedAt = 0;
  #firstSync: (() => void) | undefined;
  /** Resolves after the first list. */
  readonly whenSynced: Promise<void>;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.whenSynced = new Promise((resolve) => {
      this.#firstSync = resolve;
    });
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  start(): this {
    void this.#run();
    return this;
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined || this.#relistDue()) await this.#list();
        await this.#watch();
        this.#failures = 0;
        this.#options.observer?.reconnected?.();
      } catch (error) {
        if (signal.aborted) return;
        // An old resourceVersion, or a line that could not be read: only a new list knows the truth.
        if (isGone(error) || (error instanceof KubeError && error.reason === 'MalformedLine')) this.#resourceVersion = undefined;
        this.#options.observer?.failed?.(error);
        await sleep(this.#clock, this.#backoff(error), signal);
      }
    }
  }

  async #list(): Promise<void> {
    const { transport, store, observer } = this.#options;
    const objects: T[] = [];
    let next: string | undefined;
    let resourceVersion: string | undefined;
    do {
      const query = this.#query({ limit: String(PAGE), ...(next === undefined ? {} : { continue: next }) });
      const { body } = await transport.request('GET', `${this.#options.path}?${query}`, {
        signal: this.#stopped.signal,
        timeoutMillis: 30_000,
        ...(this.#options.metadataOnly && { accept: metadata('PartialObjectMetadataList') }),
      });
      const page = body as ListBody<T>;
      if (!Array.isArray(page.items)) throw new KubeError(0, 'MalformedList', `GET ${this.#options.path}: the answer is not a list`);
      objects.push(...page.items.map((object) => this.#kept(object)));
      resourceVersion = page.metadata?.resourceVersion;
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
    const missed = this.#synced ? this.#differences(objects) : 0;
    store.replace(objects);
    this.#resourceVersion = resourceVersion ?? '';
    this.#listedAt = this.#clock.now();
    this.#failures = 0;
    this.#synced = true;
    this.#firstSync?.();
    observer?.listed?.(objects.length, missed);
  }

  async #watch(): Promise<void> {
    const { transport, store, silenceMillis = 90_000 } = this.#options;
    const attempt = new AbortController();
    const end = (): void => attempt.abort();
    this.#stopped.signal.addEventListener('abort', end, { once: true });
    let cancelSilence = this.#clock.after(silenceMillis, end);
    const query = this.#query({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS),
      resourceVersion: this.#resourceVersion ?? '',
    });
    try {
      await transport.watch(
        `${this.#options.path}?${query}`,
        (line) => {
          cancelSilence();
          cancelSilence = this.#clock.after(silenceMillis, end);
          this.#take(line as WatchLine<T>, store);
        },
        attempt.signal,
        this.#options.metadataOnly ? metadata('PartialObjectMetadata') : undefined,
      );
    } finally {
      cancelSilence();
      this.#stopped.signal.removeEventListener('abort', end);
    }
  }

  #take({ type, object }: WatchLine<T>, store: Store<T>): void {
    if (type === 'ERROR') throw KubeError.fromStatus(object?.code ?? 500, object, `WATCH ${this.#options.path}`);
    if (object?.metadata === undefined) throw new KubeError(0, 'MalformedLine', `WATCH ${this.#options.path}: a line without an object`);
    if (type === 'ADDED' || type === 'MODIFIED') store.set(this.#kept(object));
    else if (type === 'DELETED') store.delete(keyOf(object), this.#kept(object));
    // Bookmarks too: they are how a quiet collection's resourceVersion stays young.
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    this.#failures = 0;
  }

  #kept(object: T): T {
    return this.#options.keep?.(object) ?? object;
  }

  #relistDue(): boolean {
    return this.#clock.now() - this.#listedAt >= (this.#options.relistMillis ?? 600_000);
  }

  #differences(objects: readonly T[]): number {
    const { store } = this.#options;
    const changed = objects.filter(
      (object) => store.get(keyOf(object))?.metadata.resourceVersion !== object.metadata.resourceVersion,
    ).length;
    return changed + Math.max(0, store.size - objects.length);
  }

  #query(parameters: Record<string, string>): string {
    const { labelSelector, fieldSelector } = this.#options;
    return new URLSearchParams({
      ...parameters,
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
    }).toString();
  }

  /** 100 ms doubling to 10 s, times 0.5 to 1; longer when the server asks for it (429 and 503 with Retry-After). */
  #backoff(error: unknown): number {
    const delay = Math.min(BACKOFF_MAX_MILLIS, BACKOFF_MIN_MILLIS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    const asked = error instanceof KubeError ? (error.retryAfterMillis ?? 0) : 0;
    return Math.max(asked, delay * (0.5 + (this.#options.random ?? Math.random)() / 2));
  }
}
