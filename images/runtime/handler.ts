import type { Config } from './config.ts';
import { HandlerProcess, waitsForCode } from './handler-process.ts';
import type { Invocation, Outcome } from './invocation.ts';
import type { Log } from './log.ts';
import { RuntimeApi } from './runtime-api.ts';
import { toResult } from './streamed.ts';

export type HandlerState = 'starting' | 'idle' | 'busy' | 'ended';

/** Why a handler is no more. */
export type EndReason = 'init' | 'exit' | 'killed' | 'timeout' | 'stopped';

export interface HandlerEvents {
  idle(handler: Handler): void;
  /** The process is gone; the invocation that it had is answered already. `outcome` tells the ones that wait for it to load what happened. */
  ended(handler: Handler, reason: EndReason, outcome: Outcome & { kind: 'error' }): void;
}

/** One handler process together with its Runtime API: starting → idle ⇄ busy → ended. It is never used again after that. */
export class Handler {
  state: HandlerState = 'starting';
  readonly slot: number;
  readonly #config: Config;
  readonly #log: Log;
  readonly #events: HandlerEvents;
  readonly #api: RuntimeApi;
  #process: HandlerProcess | undefined;
  #current: Invocation | undefined;
  /** Of the newest invocation: what the process writes after its answer still belongs to it. */
  #label = 'init';
  #initMillis: number | undefined;
  #initTaken = false;
  #initError: string | undefined;
  #initErrorBody: Buffer | undefined;
  #endReason: EndReason | undefined;
  #codeReady: boolean;
  #address = '';

  constructor(slot: number, codeReady: boolean, config: Config, log: Log, events: HandlerEvents) {
    this.slot = slot;
    this.#codeReady = codeReady;
    this.#config = config;
    this.#log = log;
    this.#events = events;
    this.#api = new RuntimeApi(`arn:aws:lambda:${config.handlerEnv['AWS_REGION']}:000000000000:function:${config.function}`, {
      next: () => this.#next(),
      response: (id, body, type, errorType) => this.#answer(id, errorType ? streamFailed(errorType) : toResult(body, type)),
      error: (id, body) => this.#answer(id, { kind: 'error', code: 'HandlerError', detail: describe(body), payload: body }),
      initError: (body) => {
        this.#initError = describe(body);
        this.#initErrorBody = body;
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
    invocation.started = performance.now();
    return true;
  }

  isRunning(invocation: Invocation): boolean {
    return this.#current === invocation;
  }

  kill(reason: EndReason, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#endReason ??= reason;
    if (this.#process) this.#process.kill(signal);
    else this.#exited(null, null, undefined);
  }

  #spawn(): void {
    this.#process = new HandlerProcess({
      command: this.#config.command,
      cwd: this.#config.taskRoot,
      env: { ...this.#config.handlerEnv, AWS_LAMBDA_RUNTIME_API: this.#address },
      onLine: (line) => this.#log(this.#label, line),
      onExit: (code, signal, error) => this.#exited(code, signal, error),
    });
    if (this.#codeReady) this.#process.go();
  }

  #next(): void {
    if (this.state === 'ended') return;
    if (this.state === 'starting') this.#initMillis = performance.now() - this.startedAt;
    // It asks for work without having answered: AWS takes that as the end of the invocation, too.
    this.#current?.finish({
      kind: 'error',
      code: 'InvalidResponse',
      detail: 'the runtime asked for the next event without answering this one',
    });
    this.#current = undefined;
    this.state = 'idle';
    this.#events.idle(this);
  }

  #answer(id: string, outcome: Outcome): void {
    if (this.#current?.id !== id) return;
    const invocation = this.#current;
    this.#current = undefined;
    invocation.finish(outcome);
  }

  #exited(code: number | null, signal: NodeJS.Signals | null, error: Error | undefined): void {
    if (this.state === 'ended') return;
    const loading = this.state === 'starting';
    const killed = signal === 'SIGKILL' || code === 137;
    const how = error ? `could not be started: ${error.message}` : signal ? `was ended by ${signal}` : `exited with code ${code}`;
    const reason = this.#endReason ?? (loading ? 'init' : killed ? 'killed' : 'exit');
    this.state = 'ended';
    this.#api.close();
    const limit = this.#config.handlerEnv['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'];
    const outcome = {
      kind: 'error',
      code: killed ? 'HandlerKilled' : loading ? 'InitFailed' : 'HandlerExited',
      detail: this.#initError ?? `the process ${how}${killed ? `; its memory limit is ${limit} MB` : ''}`,
      payload: this.#initErrorBody,
    } as const;
    this.#current?.finish(outcome);
    this.#current = undefined;
    this.#events.ended(this, reason, outcome);
  }
}

function streamFailed(errorType: string): Outcome {
  return { kind: 'error', code: 'HandlerError', detail: `${errorType}, while the response was being streamed` };
}

/** "ERRORTYPE: MESSAGE" of an error as the runtime interface clients send it. */
function describe(body: Buffer | undefined): string {
  try {
    const { errorType, errorMessage } = JSON.parse(body?.toString() ?? '') as { errorType?: string; errorMessage?: string };
    return `${errorType ?? 'Error'}: ${errorMessage ?? ''}`.slice(0, 1000);
  } catch {
    return 'an error that says no more';
  }
}
