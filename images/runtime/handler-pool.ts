import type { Config } from './config.ts';
import { Deadlines } from './deadlines.ts';
import { Environment } from './environment.ts';
import { type Failure, timedOut } from './failure.ts';
import { functionArn } from './function-arn.ts';
import { type EndReason, Handler, type HandlerEvents, type HandlerOptions, TERM_MILLIS } from './handler.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { InvocationLog } from './invocation-log.ts';
import type { Metrics } from './metrics.ts';

/** After the second failure to load in a row; doubles to the maximum. Meanwhile requests are answered at once with the last failure. */
const BACKOFF_MILLIS = 1000;
const MAX_BACKOFF_MILLIS = 10_000;

/** The handler processes of the pod: the first is started with the pod, the others when a request finds none free. */
export class HandlerPool {
  /** A process has loaded or failed to: there is an answer to be had. */
  ready = false;
  readonly #config: Config;
  readonly #options: HandlerOptions;
  readonly #environment: Environment;
  readonly #deadlines = new Deadlines();
  readonly #metrics: Metrics;
  readonly #slots: (Handler | undefined)[];
  readonly #waiting: Invocation[] = [];
  #codeReady: boolean;
  #running = 0;
  #stopping = false;
  #failures = 0;
  #lastFailure: Failure | undefined;
  #lastLines: readonly string[] = [];
  #retryAt = 0;

  constructor(options: Omit<HandlerOptions, 'environment' | 'deadlines'>, metrics: Metrics) {
    const { config, log } = options;
    this.#config = config;
    this.#environment = new Environment({ config, log, arn: functionArn(config), failed: (failure) => this.#fail(failure) });
    this.#options = { ...options, environment: this.#environment, deadlines: this.#deadlines };
    this.#metrics = metrics;
    this.#codeReady = config.codeDigest === '' && config.bundles.length === 0;
    this.#slots = new Array<Handler | undefined>(config.concurrency).fill(undefined);
  }

  get running(): number {
    return this.#running;
  }

  start(): void {
    this.#startOne();
  }

  codeReady(): void {
    this.#codeReady = true;
    for (const handler of this.#slots) handler?.go();
  }

  /** Runs an invocation; its `finish` is called exactly once, by its deadline. */
  invoke(invocation: Invocation): void {
    if (this.#running >= this.#config.concurrency) {
      invocation.finish({ kind: 'error', code: 'OverConcurrency', detail: `${this.#running} requests are running` });
      invocation.reported?.();
      return;
    }
    if (this.#lastFailure && performance.now() < this.#retryAt && !this.#slots.some(Boolean)) {
      this.#refuse(invocation, this.#lastFailure, this.#lastLines);
      return;
    }
    this.#running++;
    const deadline = this.#deadlines.set(invocation.deadline - Date.now(), () => this.#timedOut(tracked));
    const { finish } = invocation;
    let done = false;
    const tracked: Invocation = Object.assign(invocation, {
      finish: (outcome: Outcome) => {
        if (done) return;
        done = true;
        this.#running--;
        this.#deadlines.meet(deadline);
        const at = this.#waiting.indexOf(tracked);
        if (at >= 0) this.#waiting.splice(at, 1);
        finish(outcome);
      },
    });
    const idle = this.#slots.find((handler) => handler?.state === 'idle');
    if (idle?.invoke(tracked)) return;
    this.#waiting.push(tracked);
    this.#startForWaiting();
  }

  /** Ends all processes: politely, then, 500 ms later, for certain. Calls back when they are gone. */
  stop(stopped: () => void): void {
    this.#stopping = true;
    for (const handler of this.#slots) handler?.kill('stopped', 'SIGTERM');
    const kill = setTimeout(() => {
      for (const handler of this.#slots) handler?.kill('stopped', 'SIGKILL');
    }, TERM_MILLIS);
    const look = setInterval(() => {
      if (this.#slots.some(Boolean)) return;
      clearTimeout(kill);
      clearInterval(look);
      this.#environment.stop(stopped);
    }, 10);
  }

  #startForWaiting(): void {
    const starting = this.#slots.filter((handler) => handler?.state === 'starting').length;
    for (let missing = this.#waiting.length - starting; missing > 0; missing--) this.#startOne();
  }

  #startOne(): void {
    const slot = this.#slots.indexOf(undefined);
    if (slot < 0 || this.#stopping) return;
    const events: HandlerEvents = {
      idle: (handler) => this.#idle(handler),
      ended: (handler, reason, failure) => this.#ended(handler, reason, failure),
    };
    this.#slots[slot] = new Handler(slot, this.#codeReady, this.#options, events);
  }

  #idle(handler: Handler): void {
    this.ready = true;
    this.#failures = 0;
    this.#lastFailure = undefined;
    if (handler.initMillis !== undefined) this.#metrics.initSeconds = handler.initMillis / 1000;
    const invocation = this.#waiting[0];
    if (!invocation) return;
    invocation.initMillis = handler.takeInitMillis();
    if (handler.invoke(invocation)) this.#waiting.shift();
  }

  #ended(handler: Handler, reason: EndReason, failure: Failure): void {
    this.#slots[handler.slot] = undefined;
    if (reason === 'stopped') return;
    this.#metrics.restart(reason);
    if (reason !== 'init') {
      this.#startOne();
      return;
    }
    // Not started again until a request wants it: a handler that cannot load would burn CPU for nothing.
    this.ready = true;
    const what = failure.code === 'ExtensionFailed' ? 'the environment failed' : 'handler failed to load';
    this.#options.log('lull', `${what}: ${failure.detail}`, 'ERROR');
    this.#failures++;
    this.#lastFailure = failure;
    this.#lastLines = handler.initLines;
    if (this.#failures > 1) this.#retryAt = performance.now() + Math.min(BACKOFF_MILLIS * 2 ** (this.#failures - 2), MAX_BACKOFF_MILLIS);
    if (!this.#slots.some(Boolean)) for (const invocation of [...this.#waiting]) this.#refuse(invocation, failure, handler.initLines);
  }

  /** Of an invocation that no process ever got: its log says so, too. */
  #refuse(invocation: Invocation, failure: Failure, lines: readonly string[] = []): void {
    const waited = this.#config.timeoutMillis - (invocation.deadline - Date.now());
    const log = new InvocationLog(invocation, this.#options.platform, this.#options.log, Math.max(0, waited));
    log.loading(lines);
    log.outcome(failure);
    log.close(0, undefined);
    invocation.finish(failure);
  }

  /** With an extension all handlers end. */
  #fail(failure: Failure): void {
    for (const handler of this.#slots) handler?.fail(failure);
  }

  #timedOut(invocation: Invocation): void {
    const { timeoutMillis } = this.#config;
    const seconds = timeoutMillis / 1000;
    const handler = this.#slots.find((candidate) => candidate?.isRunning(invocation));
    if (handler) {
      handler.timeOut(timedOut('HandlerTimeout', timeoutMillis, `no answer within ${seconds} s`));
      return;
    }
    const starting = this.#slots.find((candidate) => candidate?.state === 'starting');
    const detail = this.#codeReady ? `not loaded within ${seconds} s` : `no code within ${seconds} s`;
    this.#refuse(invocation, timedOut('InitTimeout', timeoutMillis, detail), starting?.initLines);
    if (!this.#codeReady) return;
    for (const candidate of this.#slots) {
      const stuck = candidate?.state === 'starting' && performance.now() - candidate.startedAt >= timeoutMillis - 5;
      if (stuck) candidate.kill('timeout', 'SIGKILL');
    }
  }
}
