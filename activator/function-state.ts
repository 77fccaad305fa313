import { type EffectiveSpec, effectiveSpec } from '../common/api/defaults.ts';
import type { Fallback, LullFunction } from '../common/api/function.ts';
import type { WarmStatus } from '../common/api/function-status.ts';
import type { ResourceList } from '../common/api/meta.ts';
import { codeDigest } from '../common/api/token.ts';
import type { Clock } from './clock.ts';
import { codeProblem } from './code-problem.ts';
import type { ErrorCode } from './errors.ts';
import { fixedAnswers, placeholder, type ReadyAnswer } from './forward/fixed-answer.ts';
import { ByteBudget } from './hold/byte-budget.ts';
import { Demand } from './hold/demand.ts';
import { type Held, HoldQueue } from './hold/hold-queue.ts';
import type { Holds } from './hold/holds.ts';
import type { Turn } from './hold/turn.ts';
import { FunctionMetrics } from './metrics/function-metrics.ts';
import { leastLoaded } from './pods/choose.ts';
import { Pod } from './pods/pod.ts';
import type { ColdStart } from './wake/cold-start.ts';
import type { ContainerVariable } from './warm/environment.ts';

/** A request as a function's state sees it: it can be started in a pod, or refused. */
export interface Admitted extends Held {
  start(pod: Pod): void;
  refuse(code: ErrorCode, detail?: string): void;
  /** It is an event (lambda-api/), which nothing but a handler can answer. */
  readonly isEvent: boolean;
  /** Answers with a page instead of waiting; false when the request is not of the kind. */
  divert(page: ReadyAnswer): boolean;
}

/** What is known of one of the function's Deployments. */
export interface RevisionInfo {
  replicas: number;
  /** When it was last known to have any; undefined when it never was. */
  awakeAt?: number | undefined;
  concurrency: number;
  timeoutSeconds: number;
  /** Limits of the function's container. */
  limits: ResourceList | undefined;
  /** Its environment, for a pod that is claimed. */
  variables?: readonly ContainerVariable[] | undefined;
}

/** What every function's state stands on. */
export interface FunctionContext {
  clock: Clock;
  /** Requests, and bytes of their bodies, that may wait for one function. */
  holdRequests: number;
  holdBytes: number;
  /** Those held by all functions, and how many of them are let go at once. */
  holds: Holds;
  turn: Turn;
  /** Somebody waits and no pod has room: see that it is woken, or that slots are asked for. */
  wanting(fn: FunctionState): void;
  /** A pod has come to be known. */
  podAdded(pod: Pod): void;
  /** Pods, or slots, may have come free. */
  podsChanged(fn: FunctionState): void;
  /** A request in the pod has ended, or a slot was handed over and not used. */
  slotFreed(fn: FunctionState, pod: Pod): void;
}

/**
 * When the status says that callers reach the pods directly, the nodes' kube-proxies may not know it yet (their minSyncPeriod is 1 s): a client that is sent away
 * sooner comes right back.
 */
const DIRECT_DELAY_MILLIS = 3000;

/**
 * One function in the activator: its requests that wait, its pods, and the rule that joins them: every waiting request goes to whichever slot frees first.
 */
export class FunctionState {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly queue: HoldQueue;
  /** Of the bodies of its requests, what is kept in memory. */
  readonly keptBytes: ByteBudget;
  readonly demand: Demand;
  readonly metrics = new FunctionMetrics();
  readonly pods = new Map<string, Pod>();
  readonly revisions = new Map<string, RevisionInfo>();
  /** Code by digest: that of the newest spec, and of older ones as long as their revisions exist. */
  readonly code = new Map<string, Record<string, string>>();
  /** `asked`: it is to wake though nobody is held, since its callers are answered by something else meanwhile. `deferred`: a claimed pod answers first. */
  readonly wake = { patching: false, failures: 0, notBefore: 0, asked: false, deferred: false };
  coldStart: ColdStart | undefined;
  /** Whether a warm pool's pods can be its own, as the operator says; claims that are not answered yet; and by revision what its pods have told of their environment. */
  warm: WarmStatus | undefined;
  claims = 0;
  /** Which claimed pod each of its own has replaced, by their names. */
  readonly replaced = new Map<string, string>();
  /** The Function has been deleted. */
  gone = false;
  readonly told = new Map<string, Readonly<Record<string, string>>>();
  activeRevision: string | undefined;
  /** The Function as it was last seen, and its spec with every silence filled in. */
  object!: LullFunction;
  spec!: EffectiveSpec;
  /** spec.answers by path, and what is answered while it wakes. */
  answers: ReadonlyMap<string, ReadyAnswer> | undefined;
  placeholder: ReadyAnswer | undefined;
  #fallback: Pod | undefined;
  /** spec.replicas is 0: stopped by a person. */
  stopped = false;
  /** Why there is no code to serve with, in one word. */
  codeProblem: string | undefined;
  /** From when on callers that connect anew reach the pods directly; -Infinity while they do not. */
  directFrom = Number.NEGATIVE_INFINITY;
  readonly #context: FunctionContext;

  constructor(fn: LullFunction, context: FunctionContext) {
    this.namespace = fn.metadata.namespace ?? 'default';
    this.name = fn.metadata.name;
    this.key = `${this.namespace}/${this.name}`;
    this.queue = new HoldQueue(context.holdRequests, context.holds);
    this.keptBytes = new ByteBudget(context.holdBytes);
    this.demand = new Demand(context.clock);
    this.#context = context;
    this.update(fn);
  }

  /** Pods that a wake starts. */
  get initial(): number {
    return Math.max(this.spec.initial, this.spec.min, 1);
  }

  /** A pod takes requests, with room or without. */
  get isServed(): boolean {
    for (const pod of this.pods.values()) if (pod.serving) return true;
    return false;
  }

  /** The same, of one that was not claimed from a warm pool. */
  get hasOwnPod(): boolean {
    for (const pod of this.pods.values()) if (pod.serving && pod.pool === '') return true;
    return false;
  }

  /** Milliseconds within which an answer from this pod must begin. */
  timeoutMillis(pod: Pod): number {
    return (this.revisions.get(pod.revision)?.timeoutSeconds ?? this.spec.timeoutSeconds) * 1000;
  }

  /** Whether what comes from this address is what a pod of its own, an ending one perhaps, had no room for. */
  isHandedOnBy(ip: string): boolean {
    if (!this.spec.directAccess) return false;
    for (const pod of this.pods.values()) if (pod.ip === ip) return true;
    return false;
  }

  /** Takes over a newer state of the Function. */
  update(fn: LullFunction): void {
    this.object = fn;
    this.spec = effectiveSpec(fn.spec);
    this.stopped = fn.spec.replicas === 0;
    this.codeProblem = codeProblem(fn);
    const files = fn.spec.code.inline;
    if (files) {
      if (this.revisions.size < 2) this.code.clear();
      this.code.set(codeDigest(files), files);
    }
    this.activeRevision = fn.status?.activeRevision;
    this.warm = fn.status?.warm;
    if (!fn.status?.directAccess) this.directFrom = Number.NEGATIVE_INFINITY;
    else if (this.directFrom === Number.NEGATIVE_INFINITY) this.directFrom = this.#context.clock() + DIRECT_DELAY_MILLIS;
    this.answers = fixedAnswers(fn.spec.answers);
    this.placeholder = placeholder(fn.spec.whileWaking);
    this.#setFallback(fn.spec.whileWaking?.fallback);
    if (this.stopped) {
      this.wake.asked = false;
      this.refuseAll('FunctionStopped');
    } else if (this.codeProblem !== undefined && !this.isServed) this.refuseAll('CodeNotReady', notReady(this.codeProblem));
    this.pump();
  }

  /** The pod that a new request would be given now. */
  choose(): Pod | undefined {
    return leastLoaded(this.pods.values(), this.activeRevision, this.#context.clock());
  }

  /** A new request: to a pod with a free slot if there is one and nobody waits, else it is held. */
  admit(request: Admitted): void {
    if (this.stopped) {
      request.refuse('FunctionStopped');
      return;
    }
    if (this.queue.length === 0) {
      const pod = this.choose();
      if (pod) {
        this.demand.add(1);
        pod.running += 1;
        request.start(pod);
        return;
      }
    }
    if (!request.isEvent && this.#diverts(request)) return;
    if (this.codeProblem !== undefined && !this.isServed) {
      request.refuse('CodeNotReady', notReady(this.codeProblem));
      return;
    }
    if (!this.#hold(request)) {
      request.refuse('TooManyHeld');
      return;
    }
    this.demand.add(1);
    this.pump();
  }

  /** While no pod answers yet: to the placeholder or the fallback, if there is one and the request is of that kind; and the function is woken. */
  #diverts(request: Admitted): boolean {
    if (!this.placeholder && !this.#fallback) return false;
    // A page that asks people to wait is no answer when nothing is on its way.
    if (this.placeholder && this.codeProblem !== undefined) return false;
    if (this.isServed) return false;
    this.wake.asked = true;
    this.#context.wanting(this);
    if (this.placeholder) return request.divert(this.placeholder);
    const to = this.#fallback as Pod;
    this.demand.add(1);
    to.running += 1;
    request.start(to);
    return true;
  }

  #setFallback(to: Fallback | undefined): void {
    if (!to) {
      this.#fallback = undefined;
      return;
    }
    const host = `${to.service}.${this.namespace}.svc`;
    const port = to.port ?? 80;
    if (this.#fallback?.ip === host && this.#fallback.port === port) return;
    this.#fallback = new Pod({ name: `service ${to.service}`, revision: '-', ip: host, port }, 0, this.#context.clock, () => undefined);
  }

  #hold(request: Admitted): boolean {
    if (this.queue.length >= this.queue.limit) return false;
    const giving = this.#context.holds.mustGiveWay(this.queue);
    if (giving === this.queue) return false;
    giving?.newest?.giveWay();
    return this.queue.push(request);
  }

  /** A request that was taken but never reached its pod: it waits again, first in line. */
  readmit(request: Admitted, pod: Pod): void {
    pod.running -= 1;
    this.#context.slotFreed(this, pod);
    this.queue.unshift(request);
    this.pump();
  }

  /** A request in a pod has ended, well or not. */
  release(pod: Pod): void {
    pod.running -= 1;
    if (pod.pool !== '') pod.usedAt = this.#context.clock();
    this.demand.add(-1);
    this.#context.slotFreed(this, pod);
    if (this.queue.length > 0) this.pump();
  }

  /** A held request leaves: its client went away, or its time is up. */
  leave(request: Admitted): boolean {
    if (!this.queue.remove(request)) return false;
    this.demand.add(-1);
    this.#forgetColdStart();
    return true;
  }

  /** Gives waiting requests to free slots; if some still wait, sees that the function is woken. */
  pump(): void {
    this.#context.podsChanged(this);
    this.pumpLeased();
  }

  /** As pump, when it is only slots that have come. */
  pumpLeased(): void {
    while (this.queue.length > 0) {
      const pod = this.choose();
      if (!pod) {
        this.#context.wanting(this);
        return;
      }
      if (!this.#context.turn.take(this)) return;
      const request = this.queue.shift() as Admitted;
      pod.running += 1;
      request.start(pod);
    }
  }

  /** The function is gone, stopped, or without code: nobody waits any longer. */
  refuseAll(code: ErrorCode, detail?: string): void {
    for (let request = this.queue.shift() as Admitted | undefined; request; request = this.queue.shift() as Admitted | undefined) {
      this.demand.add(-1);
      request.refuse(code, detail);
    }
    this.#forgetColdStart();
  }

  /** Everybody has left before anything was done to wake it: the next wake begins when it begins. */
  #forgetColdStart(): void {
    const { coldStart, queue, pods, claims, wake } = this;
    if (coldStart?.taken !== undefined || queue.length > 0 || pods.size > 0 || claims > 0 || wake.asked) return;
    this.coldStart = undefined;
  }

  replicasOf(revision: string): number | undefined {
    return this.revisions.get(revision)?.replicas;
  }

  noteReplicas(revision: string, replicas: number): void {
    const info = this.revisions.get(revision);
    if (!info) return;
    info.replicas = replicas;
    if (replicas > 0) info.awakeAt = this.#context.clock();
  }
}

const notReady = (reason: string): string => `the condition CodeReady is False: ${reason}`;
