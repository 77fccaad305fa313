import type { Config } from './config.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { entryPoint } from './entry-point.ts';
import type { Environment } from './environment.ts';
import type { Owner, ShutdownReason } from './extensions/host.ts';
import type { RuntimeDone } from './extensions/platform-events.ts';
import { exitFailure, type Failure, timedOut } from './failure.ts';
import { functionArn } from './function-arn.ts';
import { HandlerProcess, waitsForCode } from './handler-process.ts';
import type { Invocation, Outcome } from './invocation.ts';
import { InvocationLog } from './invocation-log.ts';
import type { Log } from './log.ts';
import { LogTail } from './log-tail.ts';
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
  environment: Environment;
  deadlines: Deadlines;
  /** A process that was started ahead, for the first handler that asks. */
  takePrestarted?: (() => HandlerProcess | undefined) | undefined;
}

/** Where there are extensions, a process is ended as AWS ends it then: it has this long between SIGTERM and SIGKILL. */
export const TERM_MILLIS = 500;

/** One handler process together with its Runtime API: starting → idle ⇄ busy → ended. It is never used again after that. */
export class Handler implements Owner {
  state: HandlerState = 'starting';
  readonly slot: number;
  readonly #options: HandlerOptions;
  readonly #events: HandlerEvents;
  readonly #api: RuntimeApi;
  #process: HandlerProcess | undefined;
  #current: Invocation | undefined;
  /** The log of the newest invocation, until the runtime asks for more: what the process writes after its answer still belongs to it. */
  #open: InvocationLog | undefined;
  /** When the runtime asked for more. */
  #doneAt: number | undefined;
  #label = 'init';
  #initMillis: number | undefined;
  #initTaken = false;
  #initReported = false;
  #initFailure: Failure | undefined;
  /** Of what it writes while it loads. */
  #initLog: LogTail | undefined = new LogTail();
  #endReason: EndReason | undefined;
  #overrun: Deadline | undefined;
  #codeReady: boolean;
  #begun: number | undefined;
  #answered: RuntimeDone | undefined;
  #address = '';
  #oomKills = 0;

  constructor(slot: number, codeReady: boolean, options: HandlerOptions, events: HandlerEvents) {
    const { config } = options;
    this.slot = slot;
    this.#codeReady = codeReady;
    this.#options = options;
    this.#events = events;
    this.#api = new RuntimeApi(functionArn(config), {
      next: () => this.#next(),
      stream: (source, contentType) => {
        if (this.#current) this.#current.stream(source, contentType);
        else source.resume();
      },
      answer: (outcome) => this.#answer(outcome),
      initError: (failure) => {
        this.#initFailure = failure;
      },
      extension: (path, req, res) => options.environment.request(this, path, req, res),
    });
    const listening = (address: string): void => {
      this.#address = address;
      if (bootsEarly(config)) this.#spawn();
      if (this.#codeReady) this.#prepare();
    };
    this.#api.listen(config.runtimeApiPort && config.runtimeApiPort + slot, listening, (error) => this.#exited(null, null, error));
  }

  get startedAt(): number {
    return this.#begun ?? performance.now();
  }

  get address(): string {
    return this.#address;
  }

  get initMillis(): number | undefined {
    return this.#initMillis;
  }

  /** The end of what it wrote while it loaded, until it has. */
  get initLines(): readonly string[] {
    return this.#initLog?.lines ?? [];
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
    if (this.#address) this.#prepare();
  }

  /** Hands over an invocation; only when idle. Returns false when the process went away just now. */
  invoke(invocation: Invocation): boolean {
    if (!this.#api.deliver(invocation)) return false;
    this.state = 'busy';
    this.#current = invocation;
    this.#label = invocation.id;
    this.#close();
    this.#open = new InvocationLog(invocation, this.#options.platform, this.#options.log);
    invocation.started = performance.now();
    this.#options.environment.host?.invoke(this, invocation);
    return true;
  }

  isRunning(invocation: Invocation): boolean {
    return this.#current === invocation;
  }

  /** Ends the invocation that runs, and the process with it. */
  timeOut(failure: Failure): void {
    this.#abort(failure);
    if (!this.#options.environment.host) this.kill('timeout', 'SIGKILL');
    else {
      this.kill('timeout', 'SIGTERM');
      setTimeout(() => this.kill('timeout', 'SIGKILL'), TERM_MILLIS).unref();
    }
  }

  /** An extension has failed, and with it the environment. */
  fail(failure: Failure): void {
    if (this.state === 'ended') return;
    const isBusy = this.state === 'busy';
    this.#abort(failure);
    this.#initFailure ??= failure;
    // Like one that cannot be loaded: what fails while nobody calls is not started again until somebody does.
    this.kill(isBusy ? 'exit' : 'init', 'SIGKILL');
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

  /** Extensions come first, as on AWS; a launcher boots meanwhile, and waits with the handler's own code. */
  #prepare(): void {
    this.#begun ??= performance.now();
    this.#options.environment.prepare(this, () => {
      if (this.state === 'ended' || this.#endReason) return;
      if (!this.#process) this.#spawn();
      this.#process?.go();
    });
  }

  #spawn(): void {
    const { config, log, platform, environment } = this.#options;
    this.#begun ??= performance.now();
    // Not now: the announcement is waited for.
    setImmediate(() => {
      this.#oomKills = oomKills();
    });
    let failed: Error | undefined;
    const callbacks = {
      env: { ...config.handlerEnv, AWS_LAMBDA_RUNTIME_API: this.#address },
      onLine: (line: string) => {
        environment.host?.line(line);
        if (this.#open) this.#open.line(line);
        else log(this.#label, line);
        this.#initLog?.line(line);
      },
      onExit: (code: number | null, signal: NodeJS.Signals | null, error: Error | undefined) => this.#exited(code, signal, error),
    };
    try {
      const prestarted = this.#options.takePrestarted?.();
      if (prestarted) {
        this.#process = prestarted;
        prestarted.adopt(callbacks);
      } else {
        const command = entryPoint(wrapped(config), config.taskRoot);
        this.#process = new HandlerProcess({ command, cwd: config.cwd, waitsForCode: true, ...callbacks });
      }
    } catch (error) {
      failed = error as Error;
    }
    const line = platform.initStart(new Date());
    if (line !== undefined) log(this.#label, line);
    if (failed) this.#exited(null, null, failed);
  }

  #next(): void {
    if (this.state === 'ended' || this.#endReason) return;
    if (this.state === 'starting') {
      this.#loaded();
      return;
    }
    // It asks for work without having answered: that is the end of the invocation, too.
    if (this.#current)
      this.#answer({ kind: 'error', code: 'InvalidResponse', detail: 'the runtime asked for the next event without answering this one' });
    this.#runtimeDone(() => {
      this.#doneAt = performance.now();
      const open = this.#open;
      this.#idle();
      // With an event that waits, `invoke` has done so, after it was handed over: a runtime is not to wait for a log.
      if (this.#open === open) this.#close();
    });
  }

  /** It has asked for its first event. */
  #loaded(): void {
    const { host } = this.#options.environment;
    const millis = (): number => performance.now() - this.startedAt;
    const loaded = (): void => {
      this.#initMillis = millis();
      this.#initLog = undefined;
      // For the REPORT of a first invocation that crashes; after that invocation is handed over, which comes first.
      setImmediate(() => this.#process?.samplePeakMemory());
      this.#idle();
    };
    if (host) host.initialized(this, millis, loaded);
    else loaded();
  }

  #idle(): void {
    this.state = 'idle';
    this.#events.idle(this);
  }

  #answer(outcome: Outcome): void {
    const invocation = this.#current;
    if (!invocation) return;
    this.#current = undefined;
    this.#open?.outcome(outcome);
    this.#remember(invocation, outcome, performance.now());
    // What it goes on with after its answer has the time that it was given, and no more.
    this.#overrun = this.#options.deadlines.set(invocation.deadline - Date.now(), () => this.#overran());
    invocation.finish(outcome);
  }

  #overran(): void {
    const detail = 'the process did not ask for more work in time after its answer';
    this.timeOut(timedOut('HandlerTimeout', this.#options.config.timeoutMillis, detail));
  }

  /** Whatever runs, or still has to do with it, ends with this. */
  #abort(failure: Failure): void {
    const invocation = this.#current;
    this.#current = undefined;
    this.#open?.outcome(failure);
    const ended = invocation ?? this.#answered?.invocation;
    if (ended) this.#remember(ended, failure, undefined);
    invocation?.finish(failure);
  }

  /** For extensions, if there are any. */
  #remember(invocation: Invocation, outcome: Outcome, answered: number | undefined): void {
    if (!this.#options.environment.host) return;
    const errorType = outcome.kind === 'error' ? outcome.errorType : undefined;
    const status = outcome.kind !== 'error' ? 'success' : errorType === 'Sandbox.Timedout' ? 'timeout' : 'error';
    const producedBytes = outcome.kind === 'result' ? outcome.body.length : 0;
    this.#answered = { invocation, answered, producedBytes, status, errorType };
  }

  /** The runtime is done with the newest invocation, or gone: calls back when extensions are, too. */
  #runtimeDone(done: () => void): void {
    const answered = this.#answered;
    this.#answered = undefined;
    const { host } = this.#options.environment;
    if (host && answered) host.finished(this, answered, done);
    else done();
  }

  /** END and REPORT. */
  #close(peakBytes?: number): void {
    if (this.#overrun) this.#options.deadlines.meet(this.#overrun);
    this.#overrun = undefined;
    const now = this.#doneAt ?? performance.now();
    this.#doneAt = undefined;
    const open = this.#open;
    if (!open) return;
    // A line without an end must not become part of the next request's first.
    this.#process?.flushLines();
    this.#open = undefined;
    const report = open.close(peakBytes ?? this.#process?.peakMemoryBytes() ?? 0, this.#initReported ? undefined : this.#initMillis, now);
    this.#options.environment.host?.report(report);
    this.#initReported = true;
  }

  #exited(code: number | null, signal: NodeJS.Signals | null, error: Error | undefined): void {
    if (this.state === 'ended') return;
    const { log, platform, environment } = this.#options;
    const { host } = environment;
    const loading = this.state === 'starting';
    const killed = signal === 'SIGKILL' || code === 137;
    const reason = this.#endReason ?? (loading ? 'init' : killed ? 'killed' : 'exit');
    this.state = 'ended';
    this.#api.stopListening();
    const outOfMemory = killed && reason !== 'timeout' && oomKills() > this.#oomKills;
    const failure = this.#initFailure ?? exitFailure({ code, signal, error, killed, outOfMemory }, loading, platform.memoryMb);
    if (loading && reason !== 'stopped') {
      const millis = performance.now() - this.startedAt;
      const status = reason === 'timeout' ? 'timeout' : 'error';
      log('init', platform.initReport(new Date(), millis, status, failure.errorType));
      host?.initFailed(millis, status, failure.errorType);
    }
    const invocation = this.#current;
    this.#current = undefined;
    if (invocation) {
      this.#open?.outcome(failure);
      this.#remember(invocation, failure, undefined);
      host?.fault(`RequestId: ${invocation.id} Process exited before completing request`);
    }
    this.#runtimeDone(() => undefined);
    // The process took all that there was, since it was last looked at.
    this.#close(outOfMemory ? platform.memoryMb * (1 << 20) : undefined);
    invocation?.finish(failure);
    environment.ended(this, SHUTDOWN_REASONS[reason], () => this.#api.close());
    this.#events.ended(this, reason, failure);
  }
}

const SHUTDOWN_REASONS: Readonly<Record<EndReason, ShutdownReason>> = {
  init: 'failure',
  exit: 'failure',
  killed: 'failure',
  timeout: 'timeout',
  stopped: 'spindown',
};

/** A launcher may start before the code is there; a script that is to be put around it comes with the code. */
function bootsEarly({ command, handlerEnv }: Config): boolean {
  return waitsForCode(command) && !handlerEnv['AWS_LAMBDA_EXEC_WRAPPER'];
}

/** As AWS's own runtimes do, and custom ones do not: AWS_LAMBDA_EXEC_WRAPPER is started with the runtime's command. */
function wrapped({ command, handlerEnv }: Config): readonly string[] {
  const wrapper = handlerEnv['AWS_LAMBDA_EXEC_WRAPPER'];
  return wrapper && waitsForCode(command) ? [wrapper, ...command] : command;
}
