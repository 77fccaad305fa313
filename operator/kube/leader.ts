import { type Clock, sleep, systemClock } from '../../common/kube/clock.ts';
import { isConflict, isNotFound } from '../../common/kube/kube-error.ts';
import type { KubeTransport } from '../../common/kube/transport.ts';

export interface LeaderOptions {
  /** A connection of its own: reconciling must not starve renewals. */
  transport: KubeTransport;
  namespace: string;
  name: string;
  identity: string;
  onLeading: () => void;
  /** Called once; the process is then to exit, for what it has under way may collide with the new leader's. */
  onLost: (reason: string) => void;
  onError: (error: unknown) => void;
  clock?: Clock;
  /** client-go's defaults. */
  leaseMillis?: number;
  renewDeadlineMillis?: number;
  retryMillis?: number;
}

interface Lease {
  metadata: { name: string; namespace?: string; resourceVersion?: string };
  spec?: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string; leaseTransitions?: number };
}

/**
 * Leader election on a Lease, as client-go does it: writes are optimistic by resourceVersion; whether another's lease has expired is judged by when *we*
 * last saw it change, never by its timestamps, for clocks differ.
 */
export class LeaderElector {
  readonly #options: Required<LeaderOptions>;
  readonly #stopped = new AbortController();
  #seen: { version: string | undefined; at: number } = { version: undefined, at: 0 };
  #leading = false;
  #renewedAt = 0;

  constructor(options: LeaderOptions) {
    this.#options = { clock: systemClock, leaseMillis: 15_000, renewDeadlineMillis: 10_000, retryMillis: 2000, ...options };
  }

  get isLeading(): boolean {
    return this.#leading;
  }

  start(): void {
    void this.#run();
  }

  /** Gives the lease up, so that another takes over at once. */
  async release(): Promise<void> {
    this.#stopped.abort();
    if (!this.#leading) return;
    this.#leading = false;
    try {
      const lease = await this.#read();
      if (lease?.spec?.holderIdentity === this.#options.identity)
        await this.#write(lease, { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 });
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #run(): Promise<void> {
    const { clock, retryMillis, renewDeadlineMillis, onLost, onError } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const held = await this.#tryAcquire();
        if (!held && this.#leading) {
          this.#lose('another took the lease');
          return;
        }
      } catch (error) {
        onError(error);
      }
      if (this.#leading && clock.now() - this.#renewedAt > renewDeadlineMillis) {
        this.#leading = false;
        onLost(`the lease could not be renewed for ${renewDeadlineMillis / 1000} s`);
        return;
      }
      await sleep(clock, retryMillis * (1 + Math.random() * 0.2), signal);
    }
  }

  #lose(reason: string): void {
    this.#leading = false;
    this.#options.onLost(reason);
  }

  async #tryAcquire(): Promise<boolean> {
    const { clock, identity, leaseMillis } = this.#options;
    const startedAt = clock.now();
    const lease = await this.#read();
    if (lease && lease.metadata.resourceVersion !== this.#seen.version)
      this.#seen = { version: lease.metadata.resourceVersion, at: clock.now() };
    const holder = lease?.spec?.holderIdentity ?? '';
    const expired = clock.now() - this.#seen.at >= (lease?.spec?.leaseDurationSeconds ?? leaseMillis / 1000) * 1000;
    if (lease && holder !== '' && holder !== identity && !expired) return false;
    const time = clock.wall().toISOString().replace('Z', '000Z');
    const spec = {
      ...lease?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: leaseMillis / 1000,
      renewTime: time,
      ...(holder !== identity && { acquireTime: time, leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (lease ? 1 : 0) }),
    };
    try {
      await this.#write(lease, spec);
    } catch (error) {
      // Another was faster.
      if (isConflict(error)) return false;
      throw error;
    }
    this.#renewedAt = startedAt;
    if (!this.#leading) {
      this.#leading = true;
      this.#options.onLeading();
    }
    return true;
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return (await this.#options.transport.request('GET', this.#path(), { timeoutMillis: 5000 })).body as Lease;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #write(lease: Lease | undefined, spec: NonNullable<Lease['spec']>): Promise<void> {
    const { namespace, name, transport } = this.#options;
    const metadata = {
      name,
      namespace,
      ...(lease?.metadata.resourceVersion !== undefined && { resourceVersion: lease.metadata.resourceVersion }),
    };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    if (lease) await transport.request('PUT', this.#path(), { body, timeoutMillis: 5000 });
    else await transport.request('POST', this.#path('').replace(/\/$/, ''), { body, timeoutMillis: 5000 });
  }

  #path(name: string = this.#options.name): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#options.namespace}/leases/${name}`;
  }
}
