import type { PoolUse } from '../../common/api/demand.ts';
import type { WarmPoolStatus } from '../../common/api/warm-pool.ts';
import type { PoolFigures } from './metrics.ts';
import { MEMORY_MILLIS } from './size.ts';

/** Pods are made this fast: two at once, and then two a second. */
const BURST = 2;
const PER_SECOND = 2;
/** So many pods of functions that come up at once, or functions that wait for one, are a burst of wakes: it goes first, for so long at most, since in a large cluster there may always be as many. */
const BURST_STARTING = 4;
const YIELD_MILLIS = 15_000;
const MAX_BACKOFF_MILLIS = 60_000;
/** A pod that the cache has not shown by then has gone before it was seen. */
const UNSEEN_MILLIS = 5000;
/** Whose figures are kept for the mean of what a claim saves. */
const MAX_ACTIVATORS = 64;

/** What the operator remembers of a pool between two looks; the counters begin with what the status says. */
export class PoolRecord {
  claims: number;
  idlePodSeconds: number;
  savedMilliseconds: number;
  /** When functions that may use it were woken (ms), within the last hour. */
  wakes: number[] = [];
  writtenAt = 0;
  /** Pods that the API was told to be claimed, until the cache says so, and they are gone. */
  readonly adopted = new Set<string>();
  readonly #uses = new Map<string, PoolUse>();
  #tokens = BURST;
  #at: number;
  readonly #made = new Map<string, number>();
  readonly #failedPods = new Set<string>();
  #failures = 0;
  #notBefore = 0;
  #yieldingSince: number | undefined;
  #template = '';
  readonly #before: { claims: number; idlePodSeconds: number; savedMilliseconds: number };
  /** Pods that ended before anybody claimed them, and pods that the API server refused. */
  podFailures = 0;
  #refusal: string | undefined;
  #ended: string | undefined;

  constructor(status: WarmPoolStatus | undefined, now: number) {
    this.claims = status?.claims ?? 0;
    this.idlePodSeconds = status?.idlePodSeconds ?? 0;
    this.savedMilliseconds = status?.savedMilliseconds ?? 0;
    this.#before = { claims: this.claims, idlePodSeconds: this.idlePodSeconds, savedMilliseconds: this.savedMilliseconds };
    // Wakes are remembered by the process alone: a new one begins with what the pool was last.
    this.wakes = Array.from({ length: status?.size ?? 0 }, () => now);
    this.#at = now;
  }

  /** Since this process began: a counter that went on from a status, which is up to 10 s old, would go back at a restart, and Prometheus take the whole of it for new. */
  figures(size: number, free: number): PoolFigures {
    return {
      size,
      free,
      claims: this.claims - this.#before.claims,
      idlePodSeconds: this.idlePodSeconds - this.#before.idlePodSeconds,
      savedSeconds: (this.savedMilliseconds - this.#before.savedMilliseconds) / 1000,
      podFailures: this.podFailures,
    };
  }

  /** Time passes, while so many pods stand free. */
  pass(free: number, now: number): void {
    const seconds = Math.max(0, now - this.#at) / 1000;
    this.#at = now;
    this.idlePodSeconds += free * seconds;
    this.#tokens = Math.min(BURST, this.#tokens + PER_SECOND * seconds);
    this.wakes = this.wakes.filter((at) => now - at <= MEMORY_MILLIS);
  }

  /** Pods that may be made now. */
  allowed(now: number): number {
    return now < this.#notBefore ? 0 : Math.floor(this.#tokens);
  }

  /** Whether a burst of wakes goes before the refill. 30 functions within a second, with a pool of 5 that was refilled meanwhile: p50 of their answers 9.4 s, where it was 8.5 without a pool. */
  yields(starting: number, now: number): boolean {
    if (starting < BURST_STARTING) {
      this.#yieldingSince = undefined;
      return false;
    }
    this.#yieldingSince ??= now;
    return now - this.#yieldingSince < YIELD_MILLIS;
  }

  created(pod: string, now: number): void {
    this.#tokens -= 1;
    this.#made.set(pod, now);
  }

  /** Pods that were made and that the cache does not show yet. */
  unseen(seen: ReadonlySet<string>, now: number): number {
    for (const [pod, at] of this.#made) if (seen.has(pod) || now - at > UNSEEN_MILLIS) this.#made.delete(pod);
    return this.#made.size;
  }

  /** A pod has ended before anybody claimed it, and how: the next one is made later. Each counts once. */
  failed(pod: string, how: string, now: number): void {
    if (this.#failedPods.has(pod)) return;
    this.#failedPods.add(pod);
    this.#ended = how;
    this.#backOff(now);
  }

  /** The API server did not take a pod, and why: the next one is tried later. */
  refused(pod: string, why: string, now: number): void {
    this.#made.delete(pod);
    this.#refusal = why;
    this.#backOff(now);
  }

  accepted(): void {
    this.#refusal = undefined;
  }

  get refusal(): string | undefined {
    return this.#refusal;
  }

  get ended(): string | undefined {
    return this.#ended;
  }

  healthy(): void {
    this.#failures = 0;
    this.#failedPods.clear();
    this.#refusal = undefined;
    this.#ended = undefined;
  }

  /** Of another template pods may do what those before did not. */
  use(template: string): void {
    if (this.#template !== template) {
      this.healthy();
      this.#notBefore = 0;
    }
    this.#template = template;
  }

  /** 1 s, doubling to a minute. */
  #backOff(now: number): void {
    this.podFailures += 1;
    this.#notBefore = now + Math.min(MAX_BACKOFF_MILLIS, 1000 * 2 ** this.#failures);
    this.#failures += 1;
  }

  /** A function has taken one. What that saved its caller is the difference of the means that the activators have measured; nothing as long as there is nothing to compare with. */
  claimed(): void {
    this.claims += 1;
    const sum = { claimedMillis: 0, claimedCount: 0, ordinaryMillis: 0, ordinaryCount: 0 };
    for (const use of this.#uses.values()) for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += use[name];
    if (sum.claimedCount === 0 || sum.ordinaryCount === 0) return;
    this.savedMilliseconds += Math.max(0, sum.ordinaryMillis / sum.ordinaryCount - sum.claimedMillis / sum.claimedCount);
  }

  /** What one activator counts. */
  told(activator: string, use: PoolUse, now: number): void {
    const before = this.#uses.get(activator)?.wakes ?? use.wakes;
    for (let i = before; i < use.wakes; i += 1) this.wakes.push(now);
    this.#uses.delete(activator);
    this.#uses.set(activator, use);
    // Those that were told last stay: activators come and go by name.
    for (const name of this.#uses.keys()) {
      if (this.#uses.size <= MAX_ACTIVATORS) break;
      this.#uses.delete(name);
    }
  }
}
