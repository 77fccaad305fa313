import { type EffectiveSpec, effectiveSpec } from '../common/api/defaults.ts';
import type { LullFunction } from '../common/api/function.ts';
import { codeDigest } from '../common/api/token.ts';
import type { Clock } from './clock.ts';
import { Demand } from './demand.ts';
import type { ErrorCode } from './errors.ts';
import { type Held, HoldQueue } from './hold-queue.ts';
import { leastLoaded } from './pods/choose.ts';
import type { Pod } from './pods/pod.ts';
import type { ColdStart } from './wake/cold-start.ts';

/** A request as a function's state sees it: it can be started in a pod, or refused. */
export interface Admitted extends Held {
  start(pod: Pod): void;
  refuse(code: ErrorCode): void;
}

/** What is known of one of the function's Deployments. */
export interface RevisionInfo {
  replicas: number;
  concurrency: number;
  timeoutSeconds: number;
}

/**
 * One function in the activator: its requests that wait, its pods, and the rule that joins them: every waiting request goes to whichever slot frees first.
 */
export class FunctionState {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly queue: HoldQueue;
  readonly demand: Demand;
  readonly pods = new Map<string, Pod>();
  readonly revisions = new Map<string, RevisionInfo>();
  /** Code by digest: that of the newest spec, and of older ones as long as their revisions exist. */
  readonly code = new Map<string, Record<string, string>>();
  readonly wake = { patching: false, failures: 0, notBefore: 0 };
  coldStart: ColdStart | undefined;
  activeRevision: string | undefined;
  spec!: EffectiveSpec;
  /** spec.replicas is 0: stopped by a person. */
  stopped = false;
  #clock: Clock;
  #wakeNeeded: (fn: FunctionState) => void;

  constructor(fn: LullFunction, holdRequests: number, clock: Clock, wakeNeeded: (fn: FunctionState) => void) {
    this.namespace = fn.metadata.namespace ?? 'default';
    this.name = fn.metadata.name;
    this.key = `${this.namespace}/${this.name}`;
    this.queue = new HoldQueue(holdRequests);
    this.demand = new Demand(clock);
    this.#clock = clock;
    this.#wakeNeeded = wakeNeeded;
    this.update(fn);
  }

  /** Pods that a wake starts. */
  get initial(): number {
    return Math.max(this.spec.initial, this.spec.min, 1);
  }

  /** Takes over a newer state of the Function. */
  update(fn: LullFunction): void {
    this.spec = effectiveSpec(fn.spec);
    this.stopped = fn.spec.replicas === 0;
    const files = fn.spec.code.inline;
    if (files) {
      if (this.revisions.size < 2) this.code.clear();
      this.code.set(codeDigest(files), files);
    }
    this.activeRevision = fn.status?.activeRevision;
    if (this.stopped) this.refuseAll('FunctionStopped');
    this.pump();
  }

  /** A new request: to a pod with a free slot if there is one and nobody waits, else it is held. */
  admit(request: Admitted): void {
    if (this.stopped) {
      request.refuse('FunctionStopped');
      return;
    }
    if (this.queue.length === 0) {
      const pod = leastLoaded(this.pods.values(), this.activeRevision, this.#clock());
      if (pod) {
        this.demand.add(1);
        pod.running += 1;
        request.start(pod);
        return;
      }
    }
    if (!this.queue.push(request)) {
      request.refuse('TooManyHeld');
      return;
    }
    this.demand.add(1);
    this.pump();
  }

  /** A request that was taken but never reached its pod: it waits again, first in line. */
  readmit(request: Admitted, pod: Pod): void {
    pod.running -= 1;
    pod.eject(this.#clock());
    this.queue.unshift(request);
    this.pump();
  }

  /** A request in a pod has ended, well or not. */
  release(pod: Pod): void {
    pod.running -= 1;
    this.demand.add(-1);
    this.pump();
  }

  /** A held request leaves: its client went away, or its time is up. */
  leave(request: Admitted): boolean {
    if (!this.queue.remove(request)) return false;
    this.demand.add(-1);
    return true;
  }

  /** Gives waiting requests to free slots; if some still wait, sees that the function is woken. */
  pump(): void {
    while (this.queue.length > 0) {
      const pod = leastLoaded(this.pods.values(), this.activeRevision, this.#clock());
      if (!pod) {
        this.#wakeNeeded(this);
        return;
      }
      const request = this.queue.shift() as Admitted;
      pod.running += 1;
      request.start(pod);
    }
  }

  /** The function is gone, or stopped: nobody waits any longer. */
  refuseAll(code: ErrorCode): void {
    for (let request = this.queue.shift() as Admitted | undefined; request; request = this.queue.shift() as Admitted | undefined) {
      this.demand.add(-1);
      request.refuse(code);
    }
  }

  replicasOf(revision: string): number | undefined {
    return this.revisions.get(revision)?.replicas;
  }

  noteReplicas(revision: string, replicas: number): void {
    const info = this.revisions.get(revision);
    if (info) info.replicas = replicas;
  }
}
