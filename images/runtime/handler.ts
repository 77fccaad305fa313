import type { Config } from './config.ts';
import { exitFailure, type Failure, timedOut } from './failure.ts';
import { HandlerProcess, waitsForCode } from './handler-process.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { InvocationLog } from './invocation-log.ts';
import type { Log } from './log.ts';
import { oomKills } from './memory.ts';
import type { PlatformLog } from './platform-log.ts';
import { RuntimeApi } from './runtime-api.ts';

export type HandlerState = 'starting' | 'idle' | 'busy' | 'ended';

/** Why a handler is no more. */
export type EndReason = 'init' | 'exit' | 'killed' | 'timeout' | 'stopped';

export interface HandlerEvents {
  idle(handler: Handler): void;
  /** The process is gone; the invocation that it had is answered already. `failure` tells the ones that wait for it to load what happened. */
  ended(handler: Handler, reason: EndReason, failure: Failure): void;
}

export interface HandlerOptions {
  config: Config;
  log: Log;
  platform: PlatformLog;
}

/** One handler process together with its Runtime API: starting → idle ⇄ busy → ended. It is never used again after that. */
export class Handler {
  state: HandlerState = 'starting';
  readonly slot: number;
  readonly #options: HandlerOptions;
  readonly #events: HandlerEvents;
  readonly #api: RuntimeApi;
  #process: HandlerProcess | undefined;
  #current: Invocation | undefined;
  /** The log of the newest invocation, until the runtime asks for more: what the process writes after its answer still belongs to it. */
  #open: InvocationLog | undefined;
  #label = 'init';
  #initMillis: number | undefined;
  #initTaken = false;
  #initReported = false;
  #initFailure: Failure | undefined;
  #endReason: EndReason | undefined;
  #overrun: NodeJS.Timeout | undefined;
  #codeReady: boolean;
  #address = '';
  #oomKills = 0;

  constructor(slot: number, codeReady: boolean, options: HandlerOptions, events: HandlerEvents) {
    const { config } = options;
    this.slot = slot;
    this.#codeReady = codeReady;
    this.#options = options;
    this.#events = events;
    this.#api = new RuntimeApi(`arn:aws:lambda:${config.handlerEnv['AWS_REGION']}:000000000000:function:${config.function}`, {
      next: () => this.#next(),
      stream: (source, contentType) => {
        if (this.#current) this.#current.stream(source, contentType);
        else source.resume();
      },
      answer: (outcome) => this.#answer(outcome),
      initError: (failure) => {
        this.#initFailure = failure;
      },
    });
    const listening = (address: string): void => {
      this.#address = address;
      if (this.#codeReady || waitsForCode(config.command)) this.#spawn();
    };
    this.#api.listen(config.runtimeApiPort && config.runtimeApiPort + slot, listening, (error) => this.#exited(null, null, error));
  }

  get startedAt(): number {
    return this.#process?.started ?? performance.now();
  }

  get initMillis(): number | undefined {
    return this.#initMillis;
  }

  /** Milliseconds it took to load, the first time this is asked: only its first invocation waited for that. */
  takeInitMillis(): number | undefined {
    const millis = this.#initTaken ? undefined : this.#initMillis;
    this.#initTaken = true;
    return millis;
  }

  /** The code is in the task root. */
  go(): void {
    if (this.#codeReady) return;
    this.#codeReady = true;
    if (this.#process) this.#process.go();
    else if (this.#address) this.#spawn();
  }

  /** Hands over an invocation; only when idle. Returns false when the process went away just now. */
  invoke(invocation: Invocation): boolean {
    if (!this.#api.deliver(invocation)) return false;
    this.state = 'busy';
    this.#current = invocation;
    this.#label = invocation.id;
    this.#open = new InvocationLog(invocation, this.#options.platform, this.#options.log);
    invocation.started = performance.now();
    return true;
  }

  isRunning(invocation: Invocation): boolean {
    return this.#current === invocation;
  }

  /** Ends the invocation that runs, and the process with it. */
  timeOut(failure: Failure): void {
    const invocation = this.#current;
    this.#current = undefined;
    this.#open?.outcome(failure);
    invocation?.finish(failure);
    this.kill('timeout', 'SIGKILL');
  }

  kill(reason: EndReason, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#endReason ??= reason;
    if (!this.#process) this.#exited(null, null, undefined);
    else {
      // There is nothing to read it from later.
      if (this.#open) this.#process.samplePeakMemory();
      this.#process.kill(signal);
    }
  }

  #spawn(): void {
    const { config, log, platform } = this.#options;
    // Not now: the announcement is waited for.
    setImmediate(() => {
      this.#oomKills = oomKills();
    });
    this.#process = new HandlerProcess({
      command: config.command,
      cwd: config.cwd,
      env: { ...config.handlerEnv, AWS_LAMBDA_RUNTIME_API: this.#address },
      onLine: (line) => (this.#open ? this.#open.line(line) : log(this.#label, line)),
      onExit: (code, signal, error) => this.#exited(code, signal, error),
    });
    if (this.#codeReady) this.#process.go();
    const line = platform.initStart(new Date());
    if (line !== undefined) log(this.#label, line);
  }

  #next(): void {
    if (this.state === 'ended') return;
    if (this.state === 'starting') {
      this.#initMillis = performance.now() - this.startedAt;
      // For the REPORT of a first invocation that crashes; after that invocation is handed over, which comes first.
      setImmediate(() => this.#process?.samplePeakMemory());
    }
    // It asks for work without having answered: that is the end of the invocation, too.
    if (this.#current)
      this.#answer({ kind: 'error', code: 'InvalidResponse', detail: 'the runtime asked for the next event without answering this one' });
    this.#close();
    this.state = 'idle';
    this.#events.idle(this);
  }

  #answer(outcome: Outcome): void {
    const invocation = this.#current;
    if (!invocation) return;
    this.#current = undefined;
    this.#open?.outcome(outcome);
    // What it goes on with after its answer has the time that it was given, and no more.
    this.#overrun = setTimeout(() => this.#overran(), Math.max(0, invocation.deadline - Date.now()));
    invocation.finish(outcome);
  }

  #overran(): void {
    const detail = 'the process did not ask for more work in time after its answer';
    this.timeOut(timedOut('HandlerTimeout', this.#options.config.timeoutMillis, detail));
  }

  /** END and REPORT. */
  #close(): void {
    clearTimeout(this.#overrun);
    this.#overrun = undefined;
    const open = this.#open;
    if (!open) return;
    // A line without an end must not become part of the next request's first.
    this.#process?.flushLines();
    this.#open = undefined;
    open.close(this.#process?.peakMemoryBytes() ?? 0, this.#initReported ? undefined : this.#initMillis);
    this.#initReported = true;
  }

  #exited(code: number | null, signal: NodeJS.Signals | null, error: Error | undefined): void {
    if (this.state === 'ended') return;
    const { log, platform } = this.#options;
    const loading = this.state === 'starting';
    const killed = signal === 'SIGKILL' || code === 137;
    const reason = this.#endReason ?? (loading ? 'init' : killed ? 'killed' : 'exit');
    this.state = 'ended';
    this.#api.close();
    const outOfMemory = killed && reason !== 'timeout' && oomKills() > this.#oomKills;
    const failure = this.#initFailure ?? exitFailure({ code, signal, error, killed, outOfMemory }, loading, platform.memoryMb);
    if (loading && reason !== 'stopped')
      log(
        'init',
        platform.initReport(new Date(), performance.now() - this.startedAt, reason === 'timeout' ? 'timeout' : 'error', failure.errorType),
      );
    const invocation = this.#current;
    this.#current = undefined;
    if (invocation) this.#open?.outcome(failure);
    this.#close();
    invocation?.finish(failure);
    this.#events.ended(this, reason, failure);
  }
}
