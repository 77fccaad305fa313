import type { Invocation, Outcome } from './invocation.ts';
import type { Log } from './log.ts';
import type { PlatformLog, Report, Status } from './platform-log.ts';

/** What is logged of one invocation, from START to REPORT: each line once, in order, and under its request's id. */
export class InvocationLog {
  readonly #invocation: Invocation;
  readonly #platform: PlatformLog;
  readonly #log: Log;
  readonly #begun: number;
  #status: Status = 'success';
  #errorType: string | undefined;

  /** @param waitedMillis how long it has been waiting, where that is all that will come of it */
  constructor(invocation: Invocation, platform: PlatformLog, log: Log, waitedMillis = 0) {
    this.#invocation = invocation;
    this.#platform = platform;
    this.#log = log;
    this.#begun = performance.now() - waitedMillis;
    this.line(platform.start(new Date(), invocation.id));
  }

  /** One line of the handler's, or of ours. */
  line(text: string, level?: 'INFO' | 'ERROR'): void {
    this.#log(this.#invocation.id, text, level);
    this.#invocation.onLine?.(text);
  }

  /** What its process wrote while it loaded, and is in the log already: for whoever asked for the invocation's own. */
  loading(lines: readonly string[]): void {
    for (const line of lines) this.#invocation.onLine?.(line);
  }

  /** How it ended goes into the REPORT; of a runtime that failed, AWS says so in a line of its own besides. */
  outcome(outcome: Outcome): void {
    if (outcome.kind !== 'error') return;
    const { code, errorType, errorMessage } = outcome;
    const { id } = this.#invocation;
    this.#errorType = errorType;
    this.#status = errorType === 'Sandbox.Timedout' ? 'timeout' : 'error';
    if (this.#status === 'timeout') this.line(`${new Date().toISOString()} ${id} ${errorMessage}`, 'ERROR');
    else if (
      code === 'HandlerExited' ||
      code === 'HandlerKilled' ||
      code === 'ExtensionFailed' ||
      (code === 'InitFailed' && !outcome.payload)
    ) {
      this.line(`RequestId: ${id} Error: ${errorMessage}`, 'ERROR');
      this.line(errorType ?? '', 'ERROR');
    }
  }

  /** The runtime is done with it, or is gone. `initMillis`: what its process took to load, when this was the first that it ran. */
  close(maxMemoryBytes: number, initMillis: number | undefined, now = performance.now()): Report {
    const { id, traceId } = this.#invocation;
    const report: Report = {
      requestId: id,
      durationMillis: now - this.#begun,
      initMillis,
      maxMemoryBytes,
      status: this.#status,
      errorType: this.#errorType,
      traceId,
    };
    for (const line of this.#platform.end(new Date(), report)) this.line(line);
    this.#invocation.reported?.();
    return report;
  }
}
